import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellAt } from '../../apimachinery/cell.ts'
import type { RequestContext } from '../../apimachinery/request.ts'
import { bindingKind } from './binding.ts'
import { type Node, nodeKind } from './node.ts'
import { at, type Change, changed, decodeObject, texts } from './pod.test-support.ts'

const decodeNode = (change: Change = {}): Node => decodeObject(nodeKind, changed({ metadata: { name: 'n1' } }, change))
const validate = (change: Change): string[] => texts(nodeKind.strategy.validate(decodeNode(change)))
const update = (before: Change, change: Change): string[] => {
  const old = decodeNode(before)
  const node = changed(old, change)
  return texts(nodeKind.strategy.validateUpdate?.(node, old) ?? [])
}

test('defaults of nodes', () => {
  const cases: readonly (readonly [Change, string, unknown])[] = [
    [{ 'status.capacity': { cpu: '4' } }, 'status.allocatable', { cpu: '4' }],
    [{ 'status.capacity': { cpu: '4' }, 'status.allocatable': { cpu: '3' } }, 'status.allocatable', { cpu: '3' }],
    [{ 'spec.podCIDR': '10.0.0.0/24' }, 'spec.podCIDRs', ['10.0.0.0/24']],
    [{ 'spec.podCIDRs': ['10.0.0.0/24', 'fd00::/64'] }, 'spec.podCIDR', '10.0.0.0/24'],
    [{ 'spec.unschedulable': false }, 'spec.unschedulable', undefined],
  ]
  for (const [change, path, expected] of cases) {
    const node = decodeNode(change)
    assert.deepEqual(at(node, path), expected, path)
    assert.equal(nodeKind.strategy.applyDefaults?.(node), node)
  }
})

test('rules of nodes', async context => {
  const taint = { key: 'k', effect: 'NoSchedule' }
  const cases: readonly (readonly [Change, ...string[]])[] = [
    [{}],
    [{ 'spec.taints': [taint, { key: 'k', effect: 'NoExecute' }], 'spec.podCIDRs': ['10.0.0.0/24', 'fd00::/64'] }],
    [{ 'spec.taints': [{ key: 'k' }] }, 'metadata.taints[0].effect: Required value'],
    [
      { 'spec.taints': [{ key: 'k', effect: 'Never' }] },
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
    ],
    [
      { 'spec.taints': [taint, { ...taint, value: 'x' }] },
      'metadata.taints[1]: Duplicate value: {"key":"k","effect":"NoSchedule","value":"x"}: taints must be unique by key and effect pair',
    ],
    [
      { 'status.capacity': { cpu: '-1' }, 'status.allocatable': { cpu: '1' } },
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      { 'status.capacity': { pods: '500m' }, 'status.allocatable': { pods: '1' } },
      'status.capacity.pods: Invalid value: "500m": must be an integer',
    ],
    [{ 'spec.podCIDRs': ['x'] }, 'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    [
      { 'spec.podCIDRs': ['10.0.0.0/24', '10.0.1.0/24'] },
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ]
  for (const [change, ...errors] of cases) {
    await context.test(JSON.stringify(change), () => assert.deepEqual(validate(change), errors))
  }
})

test('what an update of a node may change', async context => {
  const range = 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'
  const address = { type: 'InternalIP', address: '10.0.0.1' }
  const cases: readonly (readonly [Change, Change, ...string[]])[] = [
    [{}, { 'spec.unschedulable': true, 'spec.taints': [{ key: 'k', effect: 'NoSchedule' }], 'metadata.labels': { a: 'b' } }],
    [{}, { 'spec.podCIDRs': ['10.0.0.0/24'], 'spec.providerID': 'a://b' }],
    [{ 'spec.podCIDRs': ['10.0.0.0/24'] }, { 'spec.podCIDRs': ['10.0.1.0/24'] }, range],
    [{ 'spec.podCIDRs': ['10.0.0.0/24'] }, { 'spec.podCIDRs': undefined }, range],
    [
      { 'spec.providerID': 'a://b' },
      { 'spec.providerID': 'a://c' },
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
    [{}, { 'spec.externalID': 'x' }, 'spec.externalID: Forbidden: may not be updated'],
    [{}, { 'status.addresses': [address, address] }, 'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}'],
    [{}, { 'spec.configSource': {} }, 'spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil'],
    [
      {},
      { 'spec.configSource': { configMap: { uid: 'u', namespace: 'n', name: 'c' } } },
      'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec',
      'spec.configSource.configMap.kubeletConfigKey: Required value: kubeletConfigKey must be set',
    ],
  ]
  for (const [before, change, ...errors] of cases) {
    await context.test(JSON.stringify(change), () => assert.deepEqual(update(before, change), errors))
  }
})

test('an update of a node keeps its status, one of the status its spec', () => {
  const old = decodeNode({ 'spec.unschedulable': true, 'status.capacity': { cpu: '4' } })
  const other = changed(old, { 'spec.unschedulable': undefined, 'status.capacity': { cpu: '8' } })
  const kept = nodeKind.strategy.prepareForUpdate?.(other, old, {} as RequestContext)
  assert.deepEqual([kept?.spec, kept?.status], [{}, old.status])
  const action = nodeKind.subresources.status?.action
  assert.equal(action?.type, 'fields')
  const reported = action.prepare(other as never, old as never, 0) as Node
  assert.deepEqual([reported.spec, reported.status], [old.spec, other.status])
  assert.equal(nodeKind.strategy.prepareForCreate, undefined, 'a kubelet registers its node with a status')
})

test('columns of nodes', () => {
  const now = Date.parse('2026-01-03T00:00:00Z')
  const lines = (change: Change) => (nodeKind.served[0]?.columns ?? []).map(column => cellAt(column.cell(decodeNode(change) as never), now))
  assert.deepEqual(lines({}), ['n1', 'Unknown', '<none>', '<unknown>', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'])
  const nodeInfo = { kubeletVersion: 'v1.36.2', osImage: 'Debian', kernelVersion: '6.1', containerRuntimeVersion: 'containerd://2.0' }
  const change: Change = {
    'metadata.creationTimestamp': '2026-01-01T00:00:00Z',
    'metadata.labels': { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'edge' },
    'spec.unschedulable': true,
    'status.conditions': [{ type: 'Ready', status: 'True' }],
    'status.addresses': [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'ExternalIP', address: '1.2.3.4' },
    ],
    'status.nodeInfo': nodeInfo,
  }
  const wide = ['10.0.0.1', '1.2.3.4', 'Debian', '6.1', 'containerd://2.0']
  assert.deepEqual(lines(change), ['n1', 'Ready,SchedulingDisabled', 'control-plane,edge,worker', '2d', 'v1.36.2', ...wide])
  assert.equal(lines({ 'status.conditions': [{ type: 'Ready', status: 'False' }] })[1], 'NotReady')
})

test('rules of bindings', () => {
  const bind = (target: object) => texts(bindingKind.strategy.validate(decodeObject(bindingKind, { metadata: { name: 'web' }, target })))
  assert.deepEqual(bind({ kind: 'Node', name: 'n1' }), [])
  assert.deepEqual(bind({ name: 'n1' }), [])
  assert.deepEqual(bind({ kind: 'Pod' }), [
    'target.kind: Unsupported value: "Pod": supported values: "<empty>", "Node"',
    'target.name: Required value',
  ])
})
