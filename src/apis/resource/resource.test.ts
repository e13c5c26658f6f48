import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, cells, change, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { deviceClassKind } from './device-class.ts'
import { resourceClaimKind } from './resource-claim.ts'
import { resourceClaimTemplateKind } from './resource-claim-template.ts'
import { resourceSliceKind } from './resource-slice.ts'

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const identifierText =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

const deviceClass = { kind: deviceClassKind, valid: { metadata: { name: 'gpu' }, spec: {} } }
const select = (expression: string) => ({ spec: { selectors: [{ cel: { expression } }] } })
const configure = (opaque: unknown) => ({ spec: { config: [{ opaque }] } })
const expressionAt = 'spec.selectors[0].cel.expression'
const parametersAt = 'spec.config[0].opaque.parameters'

createCases(deviceClass, [
  [
    'an expression',
    select('device.driver == "gpu.example.com" && device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("1Gi"))'),
  ],
  ['an attribute', select('device.attributes["gpu.example.com"].model == "a100"')],
  [
    'texts that are searched, which have limits',
    select('device.attributes["gpu.example.com"].model.matches("^a[0-9]+$") && device.attributes.all(d, d.contains("example"))'),
  ],
  [
    'another type',
    select('device.driver'),
    `${expressionAt}: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
  ],
  [
    'an unknown variable',
    select('gadget'),
    `${expressionAt}: Invalid value: "gadget": compilation failed: ERROR: <input>:1:1: undeclared reference to 'gadget' (in container '')\n | gadget\n | ^`,
  ],
  ['a long expression', select(`"${'a'.repeat(10240)}" == ""`), `${expressionAt}: Too long: may not be more than 10240 bytes`],
  ['an empty selector', { spec: { selectors: [{}] } }, 'spec.selectors[0].cel: Required value'],
  ['many selectors', { spec: { selectors: times(33, () => ({})) } }, 'spec.selectors: Too many: 33: must have at most 32 items'],
  ['settings', configure({ driver: 'gpu.example.com', parameters: { mode: 'fast' } })],
  ['no settings', configure(undefined), 'spec.config[0].opaque: Required value'],
  ['settings without parameters', configure({ driver: 'd', parameters: undefined }), `${parametersAt}: Required value`],
  [
    'settings that are a list',
    configure({ driver: 'd', parameters: [1] }),
    `${parametersAt}: Invalid value: "<value omitted>": must be a valid JSON object`,
  ],
  [
    'large settings',
    configure({ driver: 'd', parameters: { a: 'x'.repeat(10240) } }),
    `${parametersAt}: Too long: may not be more than 10240 bytes`,
  ],
  ['extended resource', { spec: { extendedResourceName: 'example.com/gpu' } }],
  [
    'no extended resource',
    { spec: { extendedResourceName: 'cpu' } },
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ],
])

test('DeviceClass: generation and columns', () => {
  const old = created(deviceClassKind, deviceClass.valid)
  assert.equal(old.metadata.generation, 1)
  assert.equal(updated(deviceClassKind, change(old, select('true')), old).metadata.generation, 2)
  assert.deepEqual(cells(deviceClassKind, old), ['gpu', '<unknown>'])
})

const request = { name: 'one', exactly: { deviceClassName: 'gpu' } }
const claim = {
  kind: resourceClaimKind,
  valid: { metadata: { name: 'c', namespace: 'default' }, spec: { devices: { requests: [request] } } },
}
const ask = (...requests: object[]) => ({ spec: { devices: { requests } } })
const exactly = (by: object) => ask({ ...request, exactly: { ...request.exactly, ...by } })
const constrain = (constraint: object) => ({ spec: { devices: { constraints: [constraint] } } })
const requestAt = 'spec.devices.requests[0]'
const oneKind = 'exactly one of `exactly` or `firstAvailable` is required'
const reference = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

defaultCases(claim, [
  [{}, 'spec.devices.requests.0.exactly.allocationMode', 'ExactCount'],
  [{}, 'spec.devices.requests.0.exactly.count', 1],
  [exactly({ allocationMode: 'All' }), 'spec.devices.requests.0.exactly.count', undefined],
  [ask({ name: 'a', firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }] }), 'spec.devices.requests.0.firstAvailable.0.count', 1],
  [exactly({ tolerations: [{ key: 'a' }] }), 'spec.devices.requests.0.exactly.tolerations.0.operator', 'Equal'],
])

createCases(claim, [
  ['name', ask({ ...request, name: 'No' }), `${requestAt}.name: Invalid value: "No": ${labelText}`],
  ['twice', ask(request, request), 'spec.devices.requests[1]: Duplicate value: "one"'],
  [
    'many',
    ask(...times(33, index => ({ ...request, name: `r${index}` }))),
    'spec.devices.requests: Too many: 33: must have at most 32 items',
  ],
  ['neither', ask({ name: 'a' }), `${requestAt}: Required value: ${oneKind}`],
  [
    'both',
    ask({ ...request, firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }] }),
    `${requestAt}: Invalid value: null: ${oneKind}, but multiple fields are set`,
  ],
  ['class', exactly({ deviceClassName: '' }), `${requestAt}.exactly.deviceClassName: Required value`],
  [
    'mode',
    exactly({ allocationMode: 'Some' }),
    `${requestAt}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`,
  ],
  [
    'count of all',
    exactly({ allocationMode: 'All', count: 2 }),
    `${requestAt}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`,
  ],
  ['negative count', exactly({ count: -1 }), `${requestAt}.exactly.count: Invalid value: -1: must be greater than zero`],
  [
    'tolerated value',
    exactly({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
    `${requestAt}.exactly.tolerations[0].value: Invalid value: "b": must be empty for operator \`Exists\``,
  ],
  [
    'toleration',
    exactly({ tolerations: [{ key: 'a', operator: 'Maybe' }] }),
    `${requestAt}.exactly.tolerations[0].operator: Unsupported value: "Maybe": supported values: "Equal", "Exists"`,
  ],
  [
    'alternatives',
    ask({ name: 'a', firstAvailable: times(9, index => ({ name: `x${index}`, deviceClassName: 'gpu' })) }),
    `${requestAt}.firstAvailable: Too many: 9: must have at most 8 items`,
  ],
  ['constraint', constrain({ requests: ['one'], matchAttribute: 'example.com/numa' })],
  [
    'constraint without an attribute',
    constrain({}),
    'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
  ],
  [
    'constraint on what has no domain',
    constrain({ matchAttribute: 'numa' }),
    'spec.devices.constraints[0].matchAttribute: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash',
  ],
  [
    'constraint on other requests',
    constrain({ requests: ['two'], distinctAttribute: 'a.b/c' }),
    `spec.devices.constraints[0].requests[0]: Invalid value: "two": ${reference}`,
  ],
  [
    'settings for other requests',
    { spec: { devices: { config: [{ requests: ['one/x'], opaque: { driver: 'd', parameters: {} } }] } } },
    `spec.devices.config[0].requests[0]: Invalid value: "one/x": ${reference}`,
  ],
])

updateCases(claim, [
  ['of labels', { metadata: { labels: { a: 'b' } } }],
  [
    'of the spec',
    constrain({ matchAttribute: 'a.b/c' }),
    `spec: Invalid value: ${JSON.stringify({ devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } }], constraints: [{ matchAttribute: 'a.b/c' }] } })}: field is immutable`,
  ],
])

const result = { request: 'one', driver: 'd.example.com', pool: 'p', device: 'gpu-0' }
const allocation = (by: object = {}) => ({ allocation: { devices: { results: [{ ...result, ...by }] } } })
const { request: _request, ...identity } = result
const deviceAt = 'status.devices[0]'
const resultAt = 'status.allocation.devices.results[0]'

statusCases(claim, [
  ['allocated', { status: { ...allocation(), reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } }],
  [
    'reserved and not allocated',
    { status: { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } },
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ],
  [
    'reserved for nobody',
    { status: { ...allocation(), reservedFor: [{ resource: '', name: '', uid: '' }] } },
    ...['resource', 'name', 'uid'].map(field => `status.reservedFor[0].${field}: Required value`),
  ],
  ['another request', { status: allocation({ request: 'two' }) }, `${resultAt}.request: Invalid value: "two": ${reference}`],
  ['pool', { status: allocation({ pool: '' }) }, `${resultAt}.pool: Required value`],
  [
    'share',
    { status: allocation({ shareID: 'x' }) },
    `${resultAt}.shareID: Invalid value: "x": error validating uid: invalid UUID length: 1`,
  ],
  [
    'conditions alone',
    { status: allocation({ bindingConditions: ['a.b/ready'] }) },
    `${resultAt}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
  ],
  [
    'conditions of both kinds',
    { status: allocation({ bindingConditions: ['a'], bindingFailureConditions: ['a'] }) },
    `${resultAt}.bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions`,
  ],
  [
    'settings',
    { status: { allocation: { devices: { config: [{ source: 'Elsewhere', opaque: { driver: 'd', parameters: {} } }] } } } },
    'status.allocation.devices.config[0].source: Unsupported value: "Elsewhere": supported values: "FromClaim", "FromClass"',
  ],
  ['a device', { status: { ...allocation(), devices: [{ ...identity, data: { a: 1 }, networkData: { ips: ['10.0.0.5/24'] } }] } }],
  [
    'a device of others',
    { status: { ...allocation(), devices: [{ ...identity, device: 'gpu-1' }] } },
    `${deviceAt}: Invalid value: "d.example.com/p/gpu-1": must be an allocated device in the claim`,
  ],
  [
    'an address',
    { status: { ...allocation(), devices: [{ ...identity, networkData: { ips: ['10.0.0.5'] } }] } },
    `${deviceAt}.networkData.ips[0]: Invalid value: "10.0.0.5": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)`,
  ],
])

test('ResourceClaim: what was allocated stays', () => {
  const action = resourceClaimKind.subresources.status?.action
  assert.ok(action?.type === 'fields')
  const old = { ...created(resourceClaimKind, claim.valid), status: allocation() }
  const moved = { ...old, status: allocation({ device: 'gpu-1' }) }
  assert.match(action.validate?.(moved as never, old as never)[0]?.message ?? '', /field is immutable$/)
  assert.deepEqual(action.validate?.({ ...old, status: {} } as never, old as never), [])
})

test('ResourceClaim: columns', () => {
  const state = (by: object) => cells(resourceClaimKind, change(claim.valid, by))[1]
  assert.deepEqual(cells(resourceClaimKind, created(resourceClaimKind, change(claim.valid, { status: allocation() }))), [
    'c',
    'pending',
    '<unknown>',
  ])
  assert.equal(state({ status: allocation() }), 'allocated')
  assert.equal(state({ status: { ...allocation(), reservedFor: [{ uid: 'u' }] } }), 'allocated,reserved')
  assert.equal(state({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: allocation() }), 'deleted,allocated')
})

const template = {
  kind: resourceClaimTemplateKind,
  valid: { metadata: { name: 't', namespace: 'default' }, spec: { spec: claim.valid.spec } },
}
defaultCases(template, [[{}, 'spec.spec.devices.requests.0.exactly.count', 1]])
createCases(template, [
  ['labels', { spec: { metadata: { labels: { a: 'b' } } } }],
  ['a name', { spec: { metadata: { name: 'x' } } }, 'spec.metadata.name: Forbidden: cannot be set'],
  ['requests', { spec: { spec: ask({ name: 'a' }).spec } }, `spec.spec.devices.requests[0]: Required value: ${oneKind}`],
])
test('ResourceClaimTemplate: the spec stays, and columns', () => {
  const old = created(resourceClaimTemplateKind, template.valid)
  const object = updated(resourceClaimTemplateKind, change(old, { spec: { metadata: { labels: { a: 'b' } } } }), old)
  assert.match(resourceClaimTemplateKind.strategy.validateUpdate?.(object, old)[0]?.message ?? '', /field is immutable$/)
  assert.deepEqual(cells(resourceClaimTemplateKind, old), ['t', '<unknown>'])
})

const slice = {
  kind: resourceSliceKind,
  valid: {
    metadata: { name: 's', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { driver: 'd.example.com', nodeName: 'n1', pool: { name: 'n1', generation: 1, resourceSliceCount: 1 } },
  },
}
const device = (by: object = {}) => ({ spec: { devices: [{ name: 'gpu-0', ...by }] } })
const perDevice = (by: object = {}) => ({ spec: { nodeName: null, perDeviceNodeSelection: true, ...device(by).spec } })
const attribute = (value: object) => device({ attributes: { model: value } })
const policy = (requestPolicy: object) => device({ allowMultipleAllocations: true, capacity: { memory: { value: '10', requestPolicy } } })
const firstAt = 'spec.devices[0]'
const modelAt = `${firstAt}.attributes[model]`
const policyAt = `${firstAt}.capacity[memory].requestPolicy`
const onePlace = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const ownPlace =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

createCases(slice, [
  ['no place', { spec: { nodeName: null } }, `spec: Required value: ${onePlace}`],
  [
    'two places',
    { spec: { allNodes: true } },
    `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${onePlace}, but multiple fields are set`,
  ],
  [
    'an empty node',
    { spec: { nodeName: '', allNodes: true } },
    'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
  ],
  ['not all nodes', { spec: { allNodes: false } }, 'spec.allNodes: Invalid value: false: must be either unset or set to true'],
  [
    'several terms',
    { spec: { nodeName: null, nodeSelector: { nodeSelectorTerms: [{}, {}] } } },
    'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{},{}]: must have exactly one node selector term',
  ],
  [
    'pool',
    { spec: { pool: { name: '', generation: -1, resourceSliceCount: 0 } } },
    'spec.pool.name: Required value',
    'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
  ],
  [
    'devices and counters',
    { spec: { devices: [{ name: 'a' }], sharedCounters: [{ name: 'c', counters: { memory: { value: '1' } } }] } },
    'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
  ],
  [
    'many devices',
    { spec: { devices: times(129, index => ({ name: `d${index}` })) } },
    'spec.devices: Too many: 129: must have at most 128 items',
  ],
  [
    'many devices with taints',
    { spec: { devices: times(65, index => ({ name: `d${index}`, taints: [{ key: 'a', effect: 'None' }] })) } },
    'spec.devices: Too many: 65: must have at most 64 items',
  ],
  ['a device twice', { spec: { devices: [{ name: 'a' }, { name: 'a' }] } }, 'spec.devices[1]: Duplicate value: "a"'],
  [
    'a device with a place',
    device({ allNodes: true }),
    `${firstAt}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
  ],
  ['each device with its place', perDevice({ nodeName: 'n2' })],
  ['a device without', perDevice(), `${firstAt}: Required value: ${ownPlace}`],
  [
    'a device with two',
    perDevice({ nodeName: 'n2', allNodes: true }),
    `${firstAt}: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${ownPlace}`,
  ],
  [
    'attributes',
    device({
      attributes: {
        model: { string: 'a' },
        'example.com/cores': { int: 5 },
        version: { version: '1.2.3-rc.1+build' },
        list: { strings: ['a'] },
      },
    }),
  ],
  ['attribute name', device({ attributes: { '0a': { int: 1 } } }), `${firstAt}.attributes: Invalid value: "0a": ${identifierText}`],
  [
    'attribute of two domains',
    device({ attributes: { 'a/b/c': { int: 1 } } }),
    `${firstAt}.attributes: Invalid value: "a/b/c": must not contain more than one slash`,
  ],
  ['no value', attribute({}), `${modelAt}: Invalid value: "": exactly one value must be specified`],
  [
    'two values',
    attribute({ int: 1, bool: true }),
    `${modelAt}: Invalid value: {"int":1,"bool":true}: exactly one value must be specified`,
  ],
  ['a long value', attribute({ string: 'x'.repeat(65) }), `${modelAt}.string: Too long: may not be more than 64 bytes`],
  [
    'version',
    attribute({ version: '1.2' }),
    `${modelAt}.version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`,
  ],
  [
    'many attributes',
    device({ attributes: Object.fromEntries(times(33, index => [`a${index}`, { int: 1 }])) }),
    `${firstAt}: Invalid value: 33: the total number of attributes and capacities must not exceed 32`,
  ],
  [
    'many values',
    attribute({ ints: times(49, index => index) }),
    `${firstAt}: Invalid value: 49: the total number of attribute values must not exceed 48`,
  ],
  [
    'policy of what is not shared',
    device({ capacity: { memory: { value: '10', requestPolicy: {} } } }),
    `${policyAt}: Forbidden: allowMultipleAllocations must be true`,
  ],
  ['range', policy({ default: '4', validRange: { min: '2', max: '8', step: '2' } })],
  [
    'range without a default',
    policy({ validRange: { min: '2' } }),
    `${policyAt}.default: Required value: required when validRange is defined`,
  ],
  [
    'range out of bounds',
    policy({ default: '1', validRange: { min: '2', max: '12', step: '3' } }),
    `${policyAt}.validRange.default: Invalid value: "1": default is less than min: 2`,
    `${policyAt}.validRange.max: Invalid value: "12": max is larger than capacity value: 10`,
    `${policyAt}.validRange.step: Invalid value: "1": value is not a multiple of a given step (3) from (2)`,
    `${policyAt}.validRange.step: Invalid value: "12": value is not a multiple of a given step (3) from (2)`,
  ],
  [
    'both policies',
    policy({ default: '1', validValues: ['1'], validRange: { min: '1' } }),
    `${policyAt}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
  ],
  [
    'values',
    policy({ default: '3', validValues: ['2', '1', '20'] }),
    `${policyAt}.validValues[1]: Invalid value: "1": values must be sorted in ascending order`,
    `${policyAt}.validValues[2]: Invalid value: "20": option is larger than capacity value: 10`,
    `${policyAt}.validValues: Invalid value: "3": default value is not valid according to the requestPolicy`,
  ],
  [
    'taint',
    device({ taints: [{ key: 'a', effect: 'Maybe' }] }),
    `${firstAt}.taints[0].effect: Unsupported value: "Maybe": supported values: "NoExecute", "NoSchedule", "None"`,
  ],
  ['counters', { spec: { sharedCounters: [{ name: 'c', counters: { memory: { value: '1' } } }] } }],
  [
    'no counters',
    { spec: { sharedCounters: [{ name: '', counters: {} }] } },
    'spec.sharedCounters[0].name: Required value',
    'spec.sharedCounters[0].counters: Required value',
  ],
  [
    'consumption',
    device({ consumesCounters: [{ counterSet: '', counters: {} }] }),
    `${firstAt}.consumesCounters[0].counterSet: Required value`,
    `${firstAt}.consumesCounters[0].counters: Required value`,
  ],
  [
    'resources of the node',
    device({ nodeAllocatableResourceMappings: { disks: { allocationMultiplier: '0' }, memory: { capacityKey: 'memory' } } }),
    `${firstAt}.nodeAllocatableResourceMappings[disks]: Invalid value: "disks": must be a node allocatable resource name`,
    `${firstAt}.nodeAllocatableResourceMappings[disks].allocationMultiplier: Invalid value: "0": must be positive`,
    `${firstAt}.nodeAllocatableResourceMappings[memory].capacityKey: Not found: "memory"`,
  ],
])

updateCases(slice, [
  ['of the devices', device()],
  ['of the pool', { spec: { pool: { name: 'other', generation: 2 } } }, 'spec.pool.name: Invalid value: "other": field is immutable'],
  ['of the driver', { spec: { driver: 'e.example.com' } }, 'spec.driver: Invalid value: "e.example.com": field is immutable'],
  ['of the node', { spec: { nodeName: 'n2' } }, 'spec.nodeName: Invalid value: "n2": field is immutable'],
])

test('ResourceSlice: generation, age of taints and columns', () => {
  const old = created(resourceSliceKind, change(slice.valid, device({ taints: [{ key: 'a', effect: 'NoSchedule' }] })))
  assert.deepEqual([old.metadata.generation, at(old, 'spec.devices.0.taints.0.timeAdded')], [1, '2026-01-01T00:00:00Z'])
  assert.equal(updated(resourceSliceKind, change(old, { spec: { pool: { generation: 2 } } }), old).metadata.generation, 2)
  assert.deepEqual(cells(resourceSliceKind, old), ['s', 'n1', 'd.example.com', 'n1', '60m'])
})
