import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StatusError } from '../api-errors.ts'
import { topLevel } from '../kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../meta.ts'
import { atomicList, int32, keyedList, map, object, optional, required, setList, text } from '../schema.ts'
import { serverSideApply, trackUpdate } from './index.ts'

const Port = object('Port', '', {
  port: required(1, int32, ''),
  protocol: optional(2, text, '', { default: 'TCP' }),
  name: optional(3, text, ''),
})
const Container = object('Container', '', {
  name: required(1, text, ''),
  image: optional(2, text, ''),
  args: optional(3, atomicList(text), ''),
  ports: optional(4, keyedList(Port, 'port', 'protocol'), ''),
  resources: optional(5, object('Resources', '', { limits: optional(1, map(text), '') }), ''),
})
const schema = topLevel('Thing', '', {
  spec: optional(
    2,
    object('Spec', '', {
      replicas: optional(1, int32, ''),
      containers: required(2, keyedList(Container, 'name'), ''),
      hosts: optional(3, setList(text), ''),
      selector: optional(4, map(text, { mapType: 'atomic' }), ''),
      scratch: optional(5, object('Scratch', '', { medium: optional(1, text, '') }), ''),
    }),
    '',
  ),
  status: optional(3, object('Status', '', { ready: optional(1, int32, ''), phase: optional(2, text, '') }), ''),
})

interface Thing extends KubernetesObject {
  readonly spec?: Record<string, unknown>
  readonly status?: Record<string, unknown>
}

const thing = (spec?: Record<string, unknown>, more: Partial<Thing> = {}): Thing => ({
  apiVersion: 'x/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'default', ...more.metadata },
  ...(spec && { spec }),
  ...(more.status && { status: more.status }),
})

/** A tiny server: keeps one object and lets managers write it. */
function server() {
  let live: Thing | undefined
  let clock = 0
  const time = () => `2026-01-01T00:00:${String(clock++).padStart(2, '0')}Z`
  const store = (object: KubernetesObject, managedFields: readonly ManagedFieldsEntry[]) => {
    live = { ...object, metadata: { ...object.metadata, managedFields } }
  }
  return {
    get live(): Thing {
      assert.ok(live)
      return live
    },
    entry: (manager: string, operation: string) =>
      live?.metadata.managedFields?.find(entry => entry.manager === manager && entry.operation === operation),
    apply(manager: string, applied: Thing, options: { force?: boolean; subresource?: string; ignoredPaths?: string[][] } = {}) {
      const input = { schema, live, applied, manager, apiVersion: 'x/v1', force: false, time: time(), ...options }
      const result = serverSideApply(input)
      store(result.object, result.managedFields)
    },
    update(manager: string, updated: Thing, options: { subresource?: string; ignoredPaths?: string[][] } = {}) {
      store(updated, trackUpdate({ schema, live, updated, manager, apiVersion: 'x/v1', time: time(), ...options }))
    },
  }
}

const messageOf = (run: () => void): string => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof StatusError)
    return error.message
  }
  throw new assert.AssertionError({ message: 'expected a refusal' })
}

describe('server-side apply', () => {
  test('creates an object and owns what it states, but not what the server keeps', () => {
    const api = server()
    api.apply(
      'me',
      thing(
        { replicas: 1, hosts: ['h'], containers: [{ name: 'c', ports: [{ port: 80 }] }], selector: { a: 'b' } },
        { metadata: { labels: { l: '1' } } },
      ),
    )
    assert.deepEqual(api.live.metadata.managedFields, [
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'x/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:l': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:hosts': { 'v:"h"': {} },
            'f:selector': {},
            'f:containers': {
              'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
            },
          },
        },
      },
    ])
  })

  test('two managers share keyed lists, sets and maps', () => {
    const api = server()
    api.apply('one', thing({ hosts: ['a'], containers: [{ name: 'x', image: '1' }] }, { metadata: { labels: { one: '1' } } }))
    api.apply('two', thing({ hosts: ['b'], containers: [{ name: 'y', image: '2' }] }, { metadata: { labels: { two: '2' } } }))
    assert.deepEqual(api.live.spec, {
      hosts: ['a', 'b'],
      containers: [
        { name: 'x', image: '1' },
        { name: 'y', image: '2' },
      ],
    })
    assert.deepEqual(api.live.metadata.labels, { one: '1', two: '2' })
    api.apply('one', thing({ containers: [{ name: 'x' }] }))
    assert.deepEqual(api.live.spec, { hosts: ['b'], containers: [{ name: 'x' }, { name: 'y', image: '2' }] })
    assert.deepEqual(api.live.metadata.labels, { two: '2' })
  })

  test('what two managers state stays until both leave it out', () => {
    const api = server()
    api.apply('one', thing({ replicas: 3, containers: [{ name: 'x' }] }))
    api.apply('two', thing({ replicas: 3, containers: [{ name: 'x' }] }))
    api.apply('one', thing())
    assert.deepEqual(api.live.spec, { replicas: 3, containers: [{ name: 'x' }] })
    api.apply('two', thing())
    assert.equal(api.live.spec, undefined)
  })

  test('atomic values are taken whole', () => {
    const api = server()
    api.apply('one', thing({ selector: { a: '1' }, containers: [] }))
    assert.equal(
      messageOf(() => api.apply('two', thing({ selector: { b: '2' } }))),
      'Apply failed with 1 conflict: conflict with "one": .spec.selector',
    )
    api.apply('two', thing({ selector: { b: '2' } }), { force: true })
    assert.deepEqual(api.live.spec?.selector, { b: '2' })
    assert.equal(api.entry('one', 'Apply'), undefined)
  })

  test('applied items come in applied order, others keep their place', () => {
    const api = server()
    api.update('u', thing({ containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }))
    api.apply('me', thing({ containers: [{ name: 'c' }, { name: 'n' }, { name: 'a' }] }))
    const containers = api.live.spec?.containers as { name: string }[]
    assert.deepEqual(
      containers.map(one => one.name),
      ['b', 'c', 'n', 'a'],
    )
  })

  test('a conflict names manager, version and path; several are listed', () => {
    const api = server()
    api.update('kubectl-client-side-apply', thing({ replicas: 1, containers: [{ name: 'c', image: 'i' }] }))
    assert.equal(
      messageOf(() => api.apply('me', thing({ replicas: 2 }))),
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using x/v1: .spec.replicas',
    )
    assert.throws(
      () => api.apply('me', thing({ replicas: 2, containers: [{ name: 'c', image: 'j' }] })),
      (error: StatusError) => {
        assert.equal(error.code, 409)
        assert.equal(
          error.message,
          'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using x/v1:\n- .spec.replicas\n- .spec.containers[name="c"].image',
        )
        assert.deepEqual(
          error.status.details?.causes?.map(cause => [cause.reason, cause.field]),
          [
            ['FieldManagerConflict', '.spec.replicas'],
            ['FieldManagerConflict', '.spec.containers[name="c"].image'],
          ],
        )
        return true
      },
    )
  })

  test('stating the value that is there is no conflict, and shares the field', () => {
    const api = server()
    api.update('u', thing({ replicas: 1, containers: [] }))
    api.apply('me', thing({ replicas: 1 }))
    assert.deepEqual(api.entry('me', 'Apply')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } })
    assert.ok(JSON.stringify(api.entry('u', 'Update')?.fieldsV1).includes('f:replicas'))
  })

  test('force takes fields over', () => {
    const api = server()
    api.update('u', thing({ replicas: 1, containers: [] }))
    api.apply('me', thing({ replicas: 2 }), { force: true })
    assert.equal(api.live.spec?.replicas, 2)
    assert.ok(!JSON.stringify(api.entry('u', 'Update') ?? {}).includes('f:replicas'))
  })

  test('kubectl takes over from its own client-side apply without a conflict, and keeps the annotation in step', () => {
    const api = server()
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    const configuration = JSON.stringify(thing({ replicas: 1, containers: [{ name: 'c', image: '1' }] }))
    api.update(
      'kubectl-client-side-apply',
      thing({ replicas: 1, containers: [{ name: 'c', image: '1' }] }, { metadata: { annotations: { [annotation]: configuration } } }),
    )
    api.apply('kubectl', thing({ replicas: 2, containers: [{ name: 'c', image: '2' }] }))
    assert.equal(api.live.spec?.replicas, 2)
    assert.deepEqual(
      JSON.parse(api.live.metadata.annotations?.[annotation] ?? ''),
      thing({ replicas: 2, containers: [{ name: 'c', image: '2' }] }),
    )
    assert.ok(messageOf(() => api.apply('other', thing({ replicas: 3 }))).includes('.spec.replicas'))
  })

  test('kubectl does not take over what somebody changed after its client-side apply', () => {
    const api = server()
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    const annotations = { [annotation]: JSON.stringify(thing({ replicas: 1, containers: [] })) }
    api.update('kubectl-client-side-apply', thing({ replicas: 1, containers: [] }, { metadata: { annotations } }))
    api.update('scaler', { ...api.live, spec: { replicas: 5, containers: [] } })
    assert.equal(
      messageOf(() => api.apply('kubectl', thing({ replicas: 2 }))),
      'Apply failed with 1 conflict: conflict with "scaler" using x/v1: .spec.replicas',
    )
  })

  test('a client may move ownership by rewriting managedFields', () => {
    const api = server()
    api.update('old', thing({ replicas: 1, containers: [] }))
    const [entry] = api.live.metadata.managedFields ?? []
    const moved = [{ ...entry, manager: 'new', operation: 'Apply' }]
    api.update('ignored', { ...api.live, metadata: { ...api.live.metadata, managedFields: moved } })
    assert.deepEqual(
      api.live.metadata.managedFields?.map(one => [one.manager, one.operation]),
      [['new', 'Apply']],
    )
    api.apply('new', thing({ containers: [] }))
    assert.equal(api.live.spec?.replicas, undefined)
  })

  test('the status manager and the main manager do not disturb each other', () => {
    const api = server()
    api.apply('me', thing({ replicas: 1 }, { status: { ready: 9 } }), { ignoredPaths: [['status']] })
    assert.equal(api.live.status, undefined)
    api.update('controller', { ...api.live, status: { ready: 1 } }, { subresource: 'status', ignoredPaths: [['spec'], ['metadata']] })
    assert.deepEqual(api.entry('controller', 'Update')?.fieldsV1, { 'f:status': { 'f:ready': {} } })
    api.apply('me', thing({ replicas: 2 }), { ignoredPaths: [['status']] })
    assert.deepEqual(api.live.status, { ready: 1 })
    assert.equal(api.entry('controller', 'Update')?.subresource, 'status')
  })

  test('applying the same again returns the very same object and entries', () => {
    const api = server()
    api.apply('me', thing({ replicas: 1, containers: [{ name: 'c' }] }))
    const live = api.live
    const again = serverSideApply({
      schema,
      live,
      applied: thing({ replicas: 1, containers: [{ name: 'c' }] }),
      manager: 'me',
      apiVersion: 'x/v1',
      force: false,
      time: 'later',
    })
    assert.equal(again.object, live)
    assert.equal(again.managedFields, live.metadata.managedFields)
  })

  test('an object without managedFields is guarded as before-first-apply', () => {
    const live = thing({ replicas: 1, containers: [] })
    const input = { schema, live, manager: 'me', apiVersion: 'x/v1', force: false, time: 't' }
    assert.equal(
      messageOf(() => serverSideApply({ ...input, applied: thing({ replicas: 2 }) })),
      'Apply failed with 1 conflict: conflict with "before-first-apply" using x/v1: .spec.replicas',
    )
  })

  test('an emptied container stays if somebody states it empty', () => {
    const api = server()
    api.apply('me', thing({ scratch: { medium: 'Memory' } }))
    api.apply('me', thing({ scratch: {} }))
    assert.deepEqual(api.live.spec, { scratch: {} })
  })

  test('fields that the schema does not have are refused', () => {
    assert.equal(
      messageOf(() => server().apply('me', thing({ replcas: 1 }))),
      'failed to create typed patch object (default/a; x/v1, Kind=Thing): .spec.replcas: field not declared in schema',
    )
  })

  test('configurations whose items are the same or lack keys are refused', () => {
    const api = server()
    assert.equal(
      messageOf(() => api.apply('me', thing({ containers: [{ name: 'c' }, { name: 'c' }] }))),
      'failed to create typed patch object (default/a; x/v1, Kind=Thing): .spec.containers: duplicate entries for key [name="c"]',
    )
    assert.match(
      messageOf(() => api.apply('me', thing({ containers: [{ image: 'c' }] }))),
      /element 0: associative list with keys has an element that omits key field "name"/,
    )
    assert.equal(
      messageOf(() => api.apply('me', thing(undefined, { metadata: { managedFields: [{ manager: 'x' }] } }))),
      'metadata.managedFields must be nil',
    )
  })
})

describe('tracking of updates', () => {
  test('a creator owns what it sent, with maps and lists it brought', () => {
    const api = server()
    api.update('u', thing({ containers: [{ name: 'c', ports: [{ port: 1 }], resources: {} }] }, { metadata: { labels: { a: '1' } } }))
    assert.deepEqual(api.entry('u', 'Update')?.fieldsV1, {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:name': {},
            'f:resources': {},
            'f:ports': { '.': {}, 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
          },
        },
      },
    })
  })

  test('a change moves ownership, a removal ends it everywhere', () => {
    const api = server()
    api.update('a', thing({ replicas: 1, hosts: ['x'], containers: [] }))
    api.update('b', thing({ replicas: 2, containers: [] }))
    assert.deepEqual(api.entry('b', 'Update')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } })
    assert.ok(!JSON.stringify(api.entry('a', 'Update') ?? {}).match(/f:hosts|f:replicas/))
  })

  test('an update that changes nothing returns the live array', () => {
    const api = server()
    api.update('a', thing({ replicas: 1, containers: [{ name: 'x' }] }))
    const live = api.live
    const copy = structuredClone(live)
    assert.equal(trackUpdate({ schema, live, updated: copy, manager: 'b', apiVersion: 'x/v1', time: 'later' }), live.metadata.managedFields)
  })

  test('garbled managedFields change nothing, a single empty entry resets', () => {
    const api = server()
    api.update('a', thing({ replicas: 1, containers: [] }))
    const live = api.live
    const write = (managedFields: ManagedFieldsEntry[]) =>
      trackUpdate({
        schema,
        live,
        updated: { ...live, metadata: { ...live.metadata, managedFields } },
        manager: 'b',
        apiVersion: 'x/v1',
        time: 'later',
      })
    assert.equal(write([{ manager: 'z', operation: 'Update', fieldsV1: { 'x:': {} } }]), live.metadata.managedFields)
    assert.deepEqual(write([{}]), [])
  })

  test('more than ten updaters of a version are folded into ancient-changes', () => {
    const api = server()
    for (let index = 0; index < 14; index++) {
      const labels = { ...(index && api.live.metadata.labels), [`l${index}`]: 'x' }
      api.update(
        `m${String(index).padStart(2, '0')}`,
        thing({ containers: [] }, { metadata: { labels, managedFields: index ? api.live.metadata.managedFields : undefined } }),
      )
    }
    const managers = api.live.metadata.managedFields?.map(entry => entry.manager)
    assert.equal(managers?.length, 10)
    assert.ok(managers?.includes('ancient-changes'))
    const all = JSON.stringify(api.live.metadata.managedFields)
    for (let index = 0; index < 14; index++) assert.ok(all.includes(`f:l${index}`))
  })
})
