import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { openLibraryCluster, sharedLibraryCluster } from '../support/library.ts'

/** Kinds of workloads as clients see them, apart from what their controllers do. */

const kubectl = findKubectls().at(-1)
const shared = await sharedLibraryCluster()

const hpa = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 5,
    metrics: [{ type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '5' } } }],
  },
}
const autoscalers = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`

describe('kinds of workloads', () => {
  it('shows the components of the control plane, made when asked', async () => {
    const { send } = shared
    const list = await send('GET', '/api/v1/componentstatuses')
    assert.equal(list.headers.warning, '299 - "v1 ComponentStatus is deprecated in v1.19+"')
    assert.deepEqual(
      list.json.items.map((one: { metadata: object }) => one.metadata),
      [{ name: 'scheduler' }, { name: 'controller-manager' }, { name: 'etcd-0' }],
    )
    assert.deepEqual(list.json.metadata, {})
    const one = await send('GET', '/api/v1/componentstatuses/scheduler')
    assert.deepEqual(one.json.conditions, [{ type: 'Healthy', status: 'True', message: 'ok' }])
    assert.equal((await send('GET', '/api/v1/componentstatuses/nobody')).json.message, 'componentstatuses "nobody" not found')
    const chosen = await send('GET', '/api/v1/componentstatuses?fieldSelector=metadata.name%3Detcd-0')
    assert.equal(chosen.json.items.length, 1)
    assert.equal((await send('GET', '/api/v1/componentstatuses?watch=true')).status, 405)
    assert.equal((await send('DELETE', '/api/v1/componentstatuses/scheduler')).status, 405)
  })

  it('serves autoscalers in two versions over one store, to readers, writers and watchers', async () => {
    const { send } = shared
    assert.equal((await send('POST', autoscalers('v2'), { body: hpa })).status, 201)
    const first = (await send('GET', `${autoscalers('v1')}/web`)).json
    assert.equal(first.apiVersion, 'autoscaling/v1')
    assert.match(first.metadata.annotations['autoscaling.alpha.kubernetes.io/metrics'], /"metricName":"hits"/)
    const changed = await send('PUT', `${autoscalers('v1')}/web`, {
      body: { ...first, spec: { ...first.spec, targetCPUUtilizationPercentage: 60 } },
    })
    assert.equal(changed.status, 200, changed.text)
    const second = (await send('GET', `${autoscalers('v2')}/web`)).json
    assert.deepEqual(
      second.spec.metrics.map((metric: { type: string }) => metric.type),
      ['Pods', 'Resource'],
    )
    assert.equal(second.metadata.annotations, undefined)
    const patched = await send('PATCH', `${autoscalers('v1')}/web`, {
      body: { spec: { targetCPUUtilizationPercentage: 0 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    assert.equal(patched.status, 422)
    assert.match(patched.json.message, /spec\.metrics\[1\]\.resource\.target\.averageUtilization: Invalid value: 0: must be greater than 0/)
  })

  it('lets nobody replace a disruption budget without having seen it', async () => {
    const { send } = shared
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const body = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 1, selector: {} },
    }
    assert.equal((await send('POST', path, { body })).status, 201)
    const blind = await send('PUT', `${path}/web`, { body: { ...body, spec: { maxUnavailable: 1 } } })
    assert.match(blind.json.message, /metadata.resourceVersion: Invalid value: 0: must be specified for an update/)
    const status = await send('PATCH', `${path}/web/status`, {
      body: { spec: { minAvailable: 9 }, status: { disruptionsAllowed: 2 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    assert.deepEqual([status.json.spec.minAvailable, status.json.status.disruptionsAllowed], [1, 2])
  })

  it('lets a scale be applied, which owns the replicas and nothing else', async () => {
    const { send } = shared
    const template = { metadata: { labels: { app: 'scaled' } }, spec: { containers: [{ name: 'main', image: 'one' }] } }
    const body = {
      metadata: { name: 'scaled' },
      spec: { replicas: 1, paused: true, selector: { matchLabels: { app: 'scaled' } }, template },
    }
    const path = '/apis/apps/v1/namespaces/default/deployments'
    assert.equal((await send('POST', `${path}?fieldManager=creator`, { body })).status, 201)
    const apply = (replicas: number | undefined, query: string) =>
      send('PATCH', `${path}/scaled/scale?${query}`, {
        body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'scaled' }, spec: { replicas } },
        headers: { 'content-type': 'application/apply-patch+yaml' },
      })
    const conflict = await apply(3, 'fieldManager=scaler')
    assert.equal(conflict.status, 409)
    assert.match(conflict.json.message, /conflict with "creator" using autoscaling\/v1: \.spec\.replicas/)
    const scale = await apply(3, 'fieldManager=scaler&force=true')
    assert.deepEqual([scale.status, scale.json.kind, scale.json.spec.replicas], [200, 'Scale', 3])
    const { metadata, spec } = (await send('GET', `${path}/scaled`)).json
    assert.deepEqual([spec.replicas, spec.paused, metadata.generation], [3, true, 2])
    const owners = () => send('GET', `${path}/scaled`).then(({ json }) => json.metadata.managedFields)
    const scaler = (await owners()).find((entry: { manager: string }) => entry.manager === 'scaler')
    assert.deepEqual(
      [scaler.operation, scaler.subresource, scaler.apiVersion, scaler.fieldsV1],
      ['Apply', 'scale', 'apps/v1', { 'f:spec': { 'f:replicas': {} } }],
    )
    const creator = (await owners()).find((entry: { manager: string }) => entry.manager === 'creator')
    assert.equal(creator.fieldsV1['f:spec']['f:replicas'], undefined)
    assert.deepEqual(creator.fieldsV1['f:spec']['f:paused'], {})
    assert.equal((await apply(undefined, 'fieldManager=scaler')).json.spec.replicas, 3)
    assert.equal(
      (await owners()).some((entry: { manager: string }) => entry.manager === 'scaler'),
      false,
    )
    assert.equal((await apply(4, '')).status, 422)
    const negative = await apply(-1, 'fieldManager=scaler')
    assert.match(negative.json.message, /Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1/)
  })

  it('shows itself to kubectl', { skip: kubectl === undefined && 'no kubectl here' }, async () => {
    const run = async (words: string, input?: string) => {
      const outcome = await shared.kubectl(kubectl?.path ?? '', words.split(' '), input)
      assert.equal(outcome.status, 0, outcome.stderr)
      return outcome.stdout
    }
    assert.match(await run('get cs'), /^NAME +STATUS +MESSAGE +ERROR *\nscheduler +Healthy +ok/)
    assert.match(await run('get hpa,pdb'), /Deployment\/web +<unknown>\/5, cpu: <unknown>\/60% +1 +5 +0[\s\S]+web +1 +N\/A +0 /)
    assert.match(await run('explain cronjob.spec.timeZone'), /IANA/)
    assert.match(await run('create cronjob tick --image=tick --schedule=@hourly --dry-run=server -o yaml'), /concurrencyPolicy: Allow/)
  })

  it('lets kubectl roll workloads out and back, and drain nodes as budgets allow', {
    skip: kubectl === undefined && 'no kubectl here',
  }, async () => {
    const { kubectl: type, close } = await openLibraryCluster({ nodes: 2 })
    const run = async (words: string, input?: string) => {
      const outcome = await type(kubectl?.path ?? '', words.split(' '), input)
      return { ...outcome, text: outcome.stdout + outcome.stderr }
    }
    const shows = async (words: string, pattern: RegExp, input?: string) => assert.match((await run(words, input)).text, pattern, words)
    await shows(
      'apply -f -',
      /statefulset.apps\/db created\ndaemonset.apps\/agent created\npoddisruptionbudget.policy\/db created/,
      workloads,
    )
    await shows('rollout status sts/db --timeout=20s', /2 new pods have been updated/)
    await shows('rollout status ds/agent --timeout=20s', /successfully rolled out/)
    await shows('get sts,ds', /db +2\/2 [\s\S]+agent +2 +2 +2 +2 +2 /)
    const node = (await run('get pod db-0 -o jsonpath={.spec.nodeName}')).stdout
    const refused = await run(`drain ${node} --ignore-daemonsets --force --timeout=1s`)
    assert.equal(refused.status, 1)
    assert.match(refused.text, /Cannot evict pod as it would violate the pod's disruption budget\./)
    await run('delete pdb db')
    await shows(`drain ${node} --ignore-daemonsets --force --timeout=20s`, /drained/)
    await run(`uncordon ${node}`)
    await shows('set image sts/db main=two', /image updated/)
    await shows('rollout status sts/db --timeout=20s', /2 new pods have been updated/)
    await shows('rollout history sts/db', /^1 .*\n2 /m)
    await shows('rollout undo sts/db', /rolled back/)
    await shows('rollout status sts/db --timeout=20s', /2 new pods have been updated/)
    await shows('get pods -l app=db -o jsonpath={.items[*].spec.containers[0].image}', /^one one$/)
    await shows('rollout restart ds/agent', /restarted/)
    await shows('rollout status ds/agent --timeout=20s', /successfully rolled out/)
    await shows('get controllerrevisions', /daemonset.apps\/agent +2 [\s\S]+statefulset.apps\/db +3 /)
    await shows('scale sts/db --replicas=1', /scaled/)
    await shows('delete sts,ds --all --timeout=20s', /"db" deleted[\s\S]+"agent" deleted/)
    await close()
  })
})

const pods = (app: string) => `
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: main, image: one}]}`
const workloads = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db${pods('db')}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:${pods('agent')}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {minAvailable: 2, selector: {matchLabels: {app: db}}}
`
