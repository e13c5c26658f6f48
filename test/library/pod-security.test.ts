import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startCluster } from '../../src/index.ts'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const library = await sharedLibraryCluster()
const { send } = library
const label = 'pod-security.kubernetes.io/'

async function namespace(name: string, labels: object): Promise<void> {
  const { status, text } = await send('POST', '/api/v1/namespaces', { body: { metadata: { name, labels } } })
  assert.equal(status, 201, text)
  const account = async () => (await send('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`)).status
  await eventually(`a service account in ${name}`, 10_000, account, found => found === 200)
}
const pod = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { containers: [{ name: 'web', image: 'image' }], ...spec } })
const warnings = (headers: Readonly<Record<string, string | string[] | undefined>>) => [headers.warning ?? []].flat().join('\n')

describe('pod security', () => {
  it('refuses what violates the enforced level, in the words that people search for', async () => {
    await namespace('strict', { [`${label}enforce`]: 'restricted' })
    const refused = await send('POST', '/api/v1/namespaces/strict/pods', { body: pod('web') })
    assert.equal(refused.status, 403)
    assert.match(
      refused.json.message,
      /^pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "web" must set/,
    )
  })

  it('warns of pods, and of what makes pods', async () => {
    await namespace('warned', { [`${label}warn`]: 'baseline', [`${label}warn-version`]: 'v1.30' })
    const made = await send('POST', '/api/v1/namespaces/warned/pods', { body: pod('web', { hostNetwork: true }) })
    assert.equal(made.status, 201)
    assert.match(warnings(made.headers), /would violate PodSecurity \\"baseline:v1\.30\\": host namespaces \(hostNetwork=true\)/)
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { ...pod('').spec, hostPID: true } }
    const deployment = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } }
    const deployed = await send('POST', '/apis/apps/v1/namespaces/warned/deployments', { body: deployment })
    assert.equal(deployed.status, 201)
    assert.match(warnings(deployed.headers), /would violate PodSecurity \\"baseline:v1\.30\\": host namespaces \(hostPID=true\)/)
  })

  it('refuses labels that mean nothing', async () => {
    const { status, json } = await send('POST', '/api/v1/namespaces', {
      body: { metadata: { name: 'bad', labels: { [`${label}warn`]: 'x' } } },
    })
    assert.equal(status, 422)
    assert.equal(
      json.message,
      `Namespace "bad" is invalid: metadata.labels[${label}warn]: Invalid value: "x": must be one of privileged, baseline, restricted`,
    )
  })

  const kubectls = findKubectls()
  it('tells of pods that are there when a namespace gets stricter', { skip: kubectls.length === 0 && 'no kubectl was found' }, async () => {
    await namespace('changed', {})
    for (const name of ['one', 'two']) await send('POST', '/api/v1/namespaces/changed/pods', { body: pod(name, { hostNetwork: true }) })
    for (const { path } of kubectls.slice(-1)) {
      const words = ['label', 'namespace', 'changed', `${label}enforce=baseline`]
      const { status, stderr } = await library.kubectl(path, words)
      assert.equal(status, 0, stderr)
      assert.match(
        stderr,
        /existing pods in namespace "changed" violate the new PodSecurity enforce level "baseline:latest"[\s\S]*one \(and 1 other pod\): host namespaces/,
      )
    }
  })

  it('is a plugin that can be turned off, and unknown plugins are refused', async () => {
    const cluster = await startCluster({ nodes: 0, apiServer: { disableAdmissionPlugins: 'PodSecurity' } })
    await cluster.close()
    await assert.rejects(
      startCluster({ nodes: 0, apiServer: { enableAdmissionPlugins: 'Nope' } }),
      /enable-admission-plugins plugin "Nope"/,
    )
  })
})
