import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/**
 * What the conformance behaviours ask of every kind of workload: create, read, list by label, watch, replace, patch, apply,
 * the status where there is one, delete, and delete a collection. The objects ask for nothing to be run, or for no time soon.
 */

const shared = await sharedLibraryCluster()

const pod = { metadata: { labels: { app: 'ops' } }, spec: { containers: [{ name: 'main', image: 'one' }] } }
const selector = { matchLabels: { app: 'ops' } }
const jobPod = { spec: { ...pod.spec, restartPolicy: 'Never' } }
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' }

interface Case {
  readonly group: string
  readonly kind: string
  readonly resource: string
  readonly body: object
  /** A merge patch of the main resource, and the one path where it shows. */
  readonly change: object
  /** A merge patch of the status, where there is one. */
  readonly status?: object
}

const cases: readonly Case[] = [
  {
    group: 'v1',
    kind: 'PodTemplate',
    resource: 'podtemplates',
    body: { template: pod },
    change: { template: { metadata: { labels: { a: 'b' } } } },
  },
  {
    group: 'v1',
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    body: { spec: { replicas: 0, template: pod } },
    change: { spec: { minReadySeconds: 5 } },
    status: { status: { conditions: [{ type: 'Tested', status: 'True' }] } },
  },
  {
    group: 'apps/v1',
    kind: 'ControllerRevision',
    resource: 'controllerrevisions',
    body: { revision: 1, data: { spec: {} } },
    change: { revision: 2 },
  },
  {
    group: 'apps/v1',
    kind: 'DaemonSet',
    resource: 'daemonsets',
    body: { spec: { selector, template: { ...pod, spec: { ...pod.spec, nodeSelector: { no: 'such' } } } } },
    change: { spec: { minReadySeconds: 5 } },
    status: { status: { conditions: [{ type: 'Tested', status: 'True' }] } },
  },
  {
    group: 'apps/v1',
    kind: 'StatefulSet',
    resource: 'statefulsets',
    body: { spec: { replicas: 0, serviceName: 'ops', selector, template: pod } },
    change: { spec: { minReadySeconds: 5 } },
    status: { status: { conditions: [{ type: 'Tested', status: 'True' }] } },
  },
  {
    group: 'batch/v1',
    kind: 'CronJob',
    resource: 'cronjobs',
    body: { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: jobPod } } } },
    change: { spec: { suspend: true } },
    status: { status: { lastScheduleTime: '2026-01-01T00:00:00Z' } },
  },
  {
    group: 'policy/v1',
    kind: 'PodDisruptionBudget',
    resource: 'poddisruptionbudgets',
    body: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'nobody' } } } },
    change: { spec: { minAvailable: 2 } },
    status: {
      status: { conditions: [{ type: 'Tested', status: 'True', reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    },
  },
  ...['v1', 'v2'].map(version => ({
    group: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    resource: 'horizontalpodautoscalers',
    body: { spec: { scaleTargetRef: target, maxReplicas: 3 } },
    change: { spec: { maxReplicas: 4 } },
    status: { status: { currentReplicas: 1, desiredReplicas: 1 } },
  })),
]

const merge = { 'content-type': 'application/merge-patch+json' }

function testKind({ group, kind, resource, body, change, status }: Case): void {
  describe(`${group} ${kind}`, { concurrency: false }, () => {
    const { send } = shared
    const root = group === 'v1' ? '/api/v1' : `/apis/${group}`
    const path = `${root}/namespaces/default/${resource}`
    const labels = { test: `${resource}-${group.replace('/', '-')}` }
    const chosen = `labelSelector=test%3D${labels.test}`
    // Two versions of one kind share a store.
    const prefix = group.replaceAll('/', '-')
    const [one, two, three] = [`${prefix}-one`, `${prefix}-two`, `${prefix}-three`]
    const object = (name: string) => ({ apiVersion: group, kind, metadata: { name, labels }, ...body })
    const read = async (name: string, sub = '') => (await send('GET', `${path}/${name}${sub}`)).json

    it('is created, read, listed, replaced, patched and applied', async () => {
      const created = await send('POST', path, { body: object(one) })
      assert.equal(created.status, 201, created.text)
      assert.deepEqual([created.json.apiVersion, created.json.kind], [group, kind])
      assert.equal((await send('POST', path, { body: object(one) })).json.reason, 'AlreadyExists')
      const list = (await send('GET', `${path}?${chosen}`)).json
      assert.deepEqual([list.kind, list.items.length], [`${kind}List`, 1])
      assert.equal((await send('GET', `${root}/${resource}?${chosen}`)).json.items.length, 1)
      const replaced = await eventually(
        'a replacement that meets no other write',
        10_000,
        async () => {
          const current = await read(one)
          const annotated = {
            ...current,
            metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, replaced: 'yes' } },
          }
          return send('PUT', `${path}/${one}`, { body: annotated })
        },
        answer => answer.status !== 409,
      )
      assert.equal(replaced.json.metadata.annotations.replaced, 'yes', replaced.text)
      const patched = await send('PATCH', `${path}/${one}`, { body: change, headers: merge })
      assert.equal(patched.status, 200, patched.text)
      assert.notEqual(patched.json.metadata.resourceVersion, replaced.json.metadata.resourceVersion)
      const configuration = { apiVersion: group, kind, metadata: { labels: { applied: 'yes' } } }
      const applied = await send('PATCH', `${path}/${one}?fieldManager=tester`, {
        body: kind === 'ControllerRevision' ? { ...configuration, revision: 2 } : configuration,
        headers: { 'content-type': 'application/apply-patch+yaml' },
      })
      assert.equal(applied.json.metadata.labels.applied, 'yes', applied.text)
      const table = await send('GET', `${path}?${chosen}`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
      assert.deepEqual([table.json.kind, table.json.rows[0].cells[0]], ['Table', one])
    })

    const testStatus = status === undefined ? () => undefined : it
    testStatus('has a status of its own', async () => {
      const generation = (await read(one)).metadata.generation
      const patched = await send('PATCH', `${path}/${one}/status`, {
        body: { ...status, ...change, metadata: { annotations: { patched: 'yes' } } },
        headers: merge,
      })
      assert.equal(patched.status, 200, patched.text)
      assert.equal(patched.json.metadata.annotations.patched, 'yes')
      const [field, value] = Object.entries((status as { status: object }).status)[0] as [string, unknown]
      assert.deepEqual(patched.json.status[field], value)
      const shown = await read(one, '/status')
      assert.equal(shown.metadata.generation, generation)
      const replaced = await eventually(
        'a replacement that meets no other write',
        10_000,
        async () => {
          const current = await read(one, '/status')
          return send('PUT', `${path}/${one}/status`, { body: { ...current, status: { ...current.status, [field]: value } } })
        },
        answer => answer.status !== 409,
      )
      assert.deepEqual(replaced.json.status[field], value, replaced.text)
    })

    it('is watched, deleted, and deleted as a collection', async () => {
      const { resourceVersion } = (await send('GET', path)).json.metadata
      for (const name of [two, three]) assert.equal((await send('POST', path, { body: object(name) })).status, 201)
      assert.equal((await send('DELETE', `${path}/${one}`)).status, 200)
      const remaining = async () =>
        (await send('GET', `${path}?${chosen}`)).json.items.map((one: { metadata: { name: string } }) => one.metadata.name)
      await eventually('the first is gone', 10_000, remaining, (names: string[]) => !names.includes(one))
      assert.equal((await send('DELETE', `${path}?${chosen}`)).status, 200)
      await eventually('none is left', 10_000, remaining, (names: string[]) => names.length === 0)
      const watched = await send('GET', `${path}?watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}&${chosen}`)
      const events = watched.text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { type: string; object: { kind: string; apiVersion: string; metadata: { name: string } } })
      const seen = (type: string) => events.filter(event => event.type === type).map(event => event.object.metadata.name)
      assert.deepEqual(seen('ADDED'), [two, three])
      assert.deepEqual(seen('DELETED').sort(), [one, three, two])
      assert.ok(events.every(event => event.object.kind === kind && event.object.apiVersion === group))
    })
  })
}

describe('operations on workloads', { concurrency: true }, () => cases.forEach(testKind))
