import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const library = await sharedLibraryCluster()
const { send } = library
const group = '/apis/flowcontrol.apiserver.k8s.io/v1'

describe('API priority and fairness', () => {
  it('has the objects that every cluster has, and says so in headers', async () => {
    const levels = (await send('GET', `${group}/prioritylevelconfigurations`)).json.items
    assert.deepEqual(levels.map((level: { metadata: { name: string } }) => level.metadata.name).sort(), [
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ])
    const schemas: readonly { metadata: { name: string; uid: string }; status: { conditions: readonly { status: string }[] } }[] = (
      await send('GET', `${group}/flowschemas`)
    ).json.items
    assert.equal(schemas.length, 13)
    assert.ok(schemas.every(({ status }) => status.conditions[0]?.status === 'False'))
    const exempt = schemas.find(({ metadata }) => metadata.name === 'exempt')
    const { headers } = await send('GET', '/api/v1/namespaces')
    assert.equal(headers['x-kubernetes-pf-flowschema-uid'], exempt?.metadata.uid)
    const anonymous = await send('GET', '/api/v1/namespaces', { token: null })
    assert.equal(anonymous.status, 403)
    const general = schemas.find(({ metadata }) => metadata.name === 'global-default')
    assert.equal(anonymous.headers['x-kubernetes-pf-flowschema-uid'], general?.metadata.uid)
  })

  it('keeps what is mandatory, and takes what administrators add', async () => {
    await send('DELETE', `${group}/flowschemas/catch-all`)
    await eventually(
      'the schema again',
      5_000,
      () => send('GET', `${group}/flowschemas/catch-all`),
      ({ status }) => status === 200,
    )
    const patch = { headers: { 'content-type': 'application/merge-patch+json' } }
    const changed = await send('PATCH', `${group}/flowschemas/catch-all`, { ...patch, body: { spec: { matchingPrecedence: 9 } } })
    assert.equal(changed.status, 422)
    assert.match(changed.json.message, /spec of 'catch-all' must equal the fixed value/)
    const rules = [
      {
        subjects: [{ kind: 'User', user: { name: 'system:anonymous' } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
      },
    ]
    const spec = { priorityLevelConfiguration: { name: 'mine' }, matchingPrecedence: 50, rules }
    const made = await send('POST', `${group}/flowschemas`, { body: { metadata: { name: 'mine' }, spec } })
    assert.equal(made.status, 201, made.text)
    const missing = async () => (await send('GET', `${group}/flowschemas/mine`)).json.status?.conditions?.[0]?.message
    const text = 'This FlowSchema references the PriorityLevelConfiguration object named "mine" but there is no such object'
    await eventually('that its level is missing', 5_000, missing, message => message === text)
    const limited = { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } }
    await send('POST', `${group}/prioritylevelconfigurations`, { body: { metadata: { name: 'mine' }, spec: { type: 'Limited', limited } } })
    const flow = async () => (await send('GET', '/api/v1/pods', { token: null })).headers['x-kubernetes-pf-flowschema-uid']
    await eventually('requests of that flow', 5_000, flow, uid => uid === made.json.metadata.uid)
  })

  it('shows what waits, and counts under the usual names', async () => {
    const dump = await send('GET', '/debug/api_priority_and_fairness/dump_priority_levels')
    assert.equal(dump.status, 200)
    assert.match(dump.text, /^PriorityLevelName, ActiveQueues, IsIdle, .*\n[\s\S]*workload-low, 0, true, false, 0, 0,/)
    assert.equal((await send('GET', '/debug/api_priority_and_fairness/dump_queues')).status, 200)
    assert.equal((await send('GET', '/debug/api_priority_and_fairness/dump_requests')).status, 200)
    const { text } = await send('GET', '/metrics')
    assert.match(text, /apiserver_flowcontrol_dispatched_requests_total\{priority_level="exempt",flow_schema="exempt"\} [1-9]/)
    assert.match(text, /apiserver_flowcontrol_nominal_limit_seats\{priority_level="workload-low"\} \d+/)
    assert.match(text, /apiserver_current_inflight_requests\{request_kind="readOnly"\} \d+/)
  })

  const kubectls = findKubectls()
  it('is shown by kubectl', { skip: kubectls.length === 0 && 'no kubectl was found' }, async () => {
    for (const { path } of kubectls.slice(-1)) {
      const schemas = await library.kubectl(path, ['get', 'flowschemas'])
      assert.match(schemas.stdout, /NAME +PRIORITYLEVEL +MATCHINGPRECEDENCE +DISTINGUISHERMETHOD +AGE +MISSINGPL\n/)
      assert.match(schemas.stdout, /exempt +exempt +1 +<none> +\S+ +False/)
      const levels = await library.kubectl(path, ['get', 'prioritylevelconfigurations'])
      assert.match(levels.stdout, /workload-low +Limited +100 +128 +6 +50/)
    }
  })
})
