import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const library = await sharedLibraryCluster()
const { send } = library

const patience_ms = 10_000

async function namespace(name: string): Promise<void> {
  await send('POST', '/api/v1/namespaces', { body: { metadata: { name } } })
  const isReady = async () => {
    const answers = await Promise.all([
      send('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`),
      send('GET', `/api/v1/namespaces/${name}/configmaps/kube-root-ca.crt`),
    ])
    return answers.every(({ status }) => status === 200)
  }
  await eventually(`the default service account of ${name}`, patience_ms, isReady, ready => ready)
}

const path = (name: string) => `/api/v1/namespaces/${name}/resourcequotas`
async function quota(inNamespace: string, name: string, spec: object): Promise<void> {
  const { status, text } = await send('POST', path(inNamespace), { body: { metadata: { name }, spec } })
  assert.equal(status, 201, text)
}
const used = (inNamespace: string, name: string, amounts: Readonly<Record<string, string>>) =>
  eventually(
    `quota ${inNamespace}/${name} with ${JSON.stringify(amounts)}`,
    patience_ms,
    async () => (await send('GET', `${path(inNamespace)}/${name}`)).json.status?.used ?? {},
    now => Object.entries(amounts).every(([key, value]) => now[key] === value),
  )

describe('quotas', () => {
  it('follow the life of what they count', async () => {
    await namespace('life')
    await quota('life', 'objects', {
      hard: { configmaps: '3', secrets: '2', services: '2', 'services.nodeports': '1', 'count/replicasets.apps': '1', resourcequotas: '1' },
    })
    await used('life', 'objects', { configmaps: '1', secrets: '0', services: '0', 'count/replicasets.apps': '0', resourcequotas: '1' })
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'image' }] } }
    const objects: readonly (readonly [collection: string, body: { metadata: { name: string } }, name: string, amount: string])[] = [
      ['/api/v1/namespaces/life/configmaps', { metadata: { name: 'one' } }, 'configmaps', '2'],
      ['/api/v1/namespaces/life/secrets', { metadata: { name: 'one' } }, 'secrets', '1'],
      ['/api/v1/namespaces/life/services', { metadata: { name: 'one' }, spec: { ports: [{ port: 80 }] } } as never, 'services', '1'],
      [
        '/apis/apps/v1/namespaces/life/replicasets',
        { metadata: { name: 'one' }, spec: { replicas: 0, selector: { matchLabels: labels }, template } } as never,
        'count/replicasets.apps',
        '1',
      ],
    ]
    for (const [collection, body, name, amount] of objects) {
      const made = await send('POST', collection, { body })
      assert.equal(made.status, 201, made.text)
      const { status } = (await send('GET', `${path('life')}/objects`)).json
      assert.equal(status.used[name], amount, 'it is charged when the answer is there')
      await send('DELETE', `${collection}/one`)
      await used('life', 'objects', { [name]: String(Number(amount) - 1) })
    }
    const second = await send('POST', path('life'), { body: { metadata: { name: 'more' } } })
    assert.equal(second.status, 403)
    assert.match(
      second.json.message,
      /^resourcequotas "more" is forbidden: exceeded quota: objects, requested: resourcequotas=1, used: resource/,
    )
  })

  it('take pods by their scopes', async () => {
    await namespace('scopes')
    await quota('scopes', 'besteffort', { hard: { pods: '5' }, scopes: ['BestEffort'] })
    await quota('scopes', 'notbesteffort', { hard: { pods: '5' }, scopes: ['NotBestEffort'] })
    for (const name of ['besteffort', 'notbesteffort']) await used('scopes', name, { pods: '0' })
    const pod = (name: string, resources: object) =>
      send('POST', '/api/v1/namespaces/scopes/pods', {
        body: { metadata: { name }, spec: { containers: [{ name: 'main', image: 'image', resources }] } },
      })
    await pod('besteffort', {})
    await used('scopes', 'besteffort', { pods: '1' })
    await used('scopes', 'notbesteffort', { pods: '0' })
    await send('DELETE', '/api/v1/namespaces/scopes/pods/besteffort?gracePeriodSeconds=0')
    await used('scopes', 'besteffort', { pods: '0' })
    await pod('burstable', { requests: { cpu: '1' } })
    await used('scopes', 'notbesteffort', { pods: '1' })
    await used('scopes', 'besteffort', { pods: '0' })
  })

  it('hold under a thousand creates at once over HTTPS', async () => {
    await namespace('crowd')
    await quota('crowd', 'quota', { hard: { secrets: '400' } })
    await used('crowd', 'quota', { secrets: '0' })
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        send('POST', '/api/v1/namespaces/crowd/secrets', { body: { metadata: { name: `s${index}` } } }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 400)
    assert.equal(answers.filter(({ status }) => status === 403).length, 600)
    assert.equal((await send('GET', '/api/v1/namespaces/crowd/secrets')).json.items.length, 400)
    await used('crowd', 'quota', { secrets: '400' })
    await send('DELETE', '/api/v1/namespaces/crowd/secrets')
    await used('crowd', 'quota', { secrets: '0' })
  })

  it('stop a replica set that wants more pods than there may be', async () => {
    await namespace('replicas')
    await quota('replicas', 'quota', { hard: { pods: '2' } })
    await used('replicas', 'quota', { pods: '0' })
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'image' }] } }
    const replicaSets = '/apis/apps/v1/namespaces/replicas/replicasets'
    await send('POST', replicaSets, {
      body: { metadata: { name: 'web' }, spec: { replicas: 3, selector: { matchLabels: labels }, template } },
    })
    type Condition = { readonly type: string; readonly reason: string; readonly message: string }
    const conditions = async (): Promise<readonly Condition[]> => (await send('GET', `${replicaSets}/web`)).json.status?.conditions ?? []
    await eventually('a condition that says why', patience_ms, conditions, all =>
      all.some(
        ({ type, reason, message }) =>
          type === 'ReplicaFailure' && reason === 'FailedCreate' && message.includes('exceeded quota: quota, requested: pods=1'),
      ),
    )
    const pods: readonly unknown[] = (await send('GET', '/api/v1/namespaces/replicas/pods')).json.items
    assert.equal(pods.length, 2)
  })

  const kubectls = findKubectls()
  it('and limits are made and described by kubectl', { skip: kubectls.length === 0 && 'no kubectl was found' }, async () => {
    await namespace('described')
    for (const { path: program } of kubectls.slice(-1)) {
      const run = async (...words: string[]) => {
        const { status, stdout, stderr } = await library.kubectl(program, ['-n', 'described', ...words])
        assert.equal(status, 0, stderr)
        return stdout
      }
      await run('create', 'quota', 'quota', '--hard=pods=2,limits.cpu=2', '--scopes=NotTerminating')
      await used('described', 'quota', { pods: '0', 'limits.cpu': '0' })
      assert.match(await run('get', 'quota'), /NAME +REQUEST +LIMIT +AGE\nquota +pods: 0\/2 +limits\.cpu: 0\/2/)
      assert.match(await run('describe', 'quota', 'quota'), /Scopes: +NotTerminating[\s\S]*pods +0 +2/)
      const limits = { type: 'Container', default: { cpu: '500m' }, max: { cpu: '1' } }
      await send('POST', '/api/v1/namespaces/described/limitranges', { body: { metadata: { name: 'limits' }, spec: { limits: [limits] } } })
      assert.match(await run('describe', 'limits', 'limits'), /Container +cpu +- +1 +500m +500m +-/)
      assert.match(await run('describe', 'namespace', 'described'), /Resource Quotas[\s\S]*Resource Limits[\s\S]*Container +cpu/)
      await run('run', 'web', '--image=image')
      await used('described', 'quota', { pods: '1', 'limits.cpu': '500m' })
    }
  })
})
