import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReader, readBytes, readFields, skipField } from '../codec/protobuf/reader.ts'
import { defineKind, type Kind, topLevel } from '../kind.ts'
import type { KubernetesObject } from '../meta.ts'
import {
  bytes,
  int32,
  intOrString,
  keyedList,
  lazy,
  map,
  object,
  optional,
  quantity,
  rawExtension,
  required,
  type Schema,
  setList,
  text,
  time,
} from '../schema.ts'
import { encodeOpenApiV2Protobuf, openApiHash, openApiV2, openApiV3 } from './index.ts'

const Part = object('io.example.v1.Part', 'A part.', {
  name: required(1, text, 'Its name.'),
  parts: optional(
    2,
    keyedList(
      lazy((): Schema<unknown> => Part),
      'name',
    ),
    '',
  ),
})
const Widget = topLevel('io.example.v1.Widget', 'A widget.', {
  spec: optional(
    2,
    object('io.example.v1.WidgetSpec', 'What a widget should be.', {
      parts: required(1, keyedList(Part, 'name'), 'Its parts.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
      mode: optional(2, text, 'How.', { enum: ['Fast', 'Slow'], default: 'Fast' }),
      modes: optional(3, setList(text), '', { enum: ['Fast', 'Slow'] }),
      limits: optional(4, map(quantity), 'Its limits.'),
      port: optional(5, intOrString, 'Its port.'),
      secret: optional(6, bytes, ''),
      since: optional(7, time, ''),
      count: optional(8, int32, ''),
      extra: optional(9, rawExtension, ''),
    }),
    'The specification.',
  ),
})

const strategy = { validate: () => [] }
const widget = defineKind<KubernetesObject>({
  kind: 'Widget',
  resource: 'widgets',
  group: 'example.k8s.io',
  version: 'v1',
  scope: 'Namespaced',
  schema: Widget,
  strategy,
  subresources: {
    status: { kind: 'Widget', verbs: ['get', 'patch', 'update'], action: { type: 'handler', handler: 'status' } },
    view: { kind: 'WidgetViewOptions', verbs: ['create', 'get'], action: { type: 'handler', handler: 'view', whole: true } },
    exec: { kind: 'WidgetExecOptions', verbs: ['create', 'get'], action: { type: 'handler', handler: 'exec' } },
  },
})
const gadget = defineKind<KubernetesObject>({
  kind: 'Gadget',
  resource: 'gadgets',
  group: 'things.example.com',
  version: 'v2',
  scope: 'Cluster',
  custom: true,
  schema: { type: 'object', description: 'A gadget.', fields: topLevel('x', '', {}).fields, preserveUnknown: true } as typeof Widget,
  strategy,
})
const kinds: readonly Kind[] = [widget, gadget]

type Tree = { readonly [key: string]: Tree }
const tree = (value: unknown): Tree => value as Tree

test('definitions say what the schema says', () => {
  const spec = tree(openApiV2(kinds, { version: 'v1' })).definitions?.['io.example.v1.WidgetSpec']
  assert.deepEqual(spec, {
    description: 'What a widget should be.',
    type: 'object',
    required: ['parts'],
    properties: {
      parts: {
        type: 'array',
        items: { $ref: '#/definitions/io.example.v1.Part' },
        description: 'Its parts.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      },
      mode: { type: 'string', enum: ['Fast', 'Slow'], description: 'How.', default: 'Fast' },
      modes: { type: 'array', items: { type: 'string', enum: ['Fast', 'Slow'] }, 'x-kubernetes-list-type': 'set' },
      limits: {
        type: 'object',
        additionalProperties: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
        description: 'Its limits.',
      },
      port: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString', description: 'Its port.' },
      secret: { type: 'string', format: 'byte' },
      since: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' },
      count: { type: 'integer', format: 'int32' },
      extra: { $ref: '#/definitions/io.k8s.apimachinery.pkg.runtime.RawExtension' },
    },
  })
})

test('in version 3 nothing stands beside a reference', () => {
  const spec = tree(openApiV3(kinds, 'example.k8s.io', 'v1')).components?.schemas?.['io.example.v1.WidgetSpec']
  assert.deepEqual(spec?.properties?.port, {
    allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }],
    description: 'Its port.',
  })
  visit(openApiV3(kinds, 'example.k8s.io', 'v1'), value => {
    if ('$ref' in value) assert.deepEqual(Object.keys(value), ['$ref'])
  })
})

test('every reference leads somewhere', () => {
  for (const document of [
    openApiV2(kinds, { version: 'v1' }),
    openApiV3(kinds, 'example.k8s.io', 'v1'),
    openApiV3(kinds, 'things.example.com', 'v2'),
  ]) {
    let references = 0
    visit(document, value => {
      if (typeof value.$ref !== 'string') return
      references++
      const target = value.$ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document)
      assert.ok(target, value.$ref)
    })
    assert.ok(references > 20)
  }
})

test('kinds, lists and common types carry their group, version and kind', () => {
  const definitions = tree(openApiV2(kinds, { version: 'v1' })).definitions
  const kindsOf = (name: string): unknown => definitions?.[name]?.['x-kubernetes-group-version-kind']
  assert.deepEqual(kindsOf('io.example.v1.Widget'), [{ group: 'example.k8s.io', kind: 'Widget', version: 'v1' }])
  assert.deepEqual(kindsOf('io.example.v1.WidgetList'), [{ group: 'example.k8s.io', kind: 'WidgetList', version: 'v1' }])
  assert.deepEqual(kindsOf('com.example.things.v2.Gadget'), [{ group: 'things.example.com', kind: 'Gadget', version: 'v2' }])
  assert.deepEqual(kindsOf('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'), [
    { group: '', kind: 'DeleteOptions', version: 'v1' },
    { group: 'example.k8s.io', kind: 'DeleteOptions', version: 'v1' },
    { group: 'things.example.com', kind: 'DeleteOptions', version: 'v2' },
  ])
})

test('paths, operations and what they take', () => {
  const paths = tree(openApiV2(kinds, { version: 'v1' })).paths ?? {}
  assert.deepEqual(Object.keys(paths), [
    '/apis/',
    '/apis/example.k8s.io/',
    '/apis/example.k8s.io/v1/',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}/exec',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}/status',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}/view',
    '/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}/view/{path}',
    '/apis/example.k8s.io/v1/watch/namespaces/{namespace}/widgets',
    '/apis/example.k8s.io/v1/watch/namespaces/{namespace}/widgets/{name}',
    '/apis/example.k8s.io/v1/watch/widgets',
    '/apis/example.k8s.io/v1/widgets',
    '/apis/things.example.com/v2/',
    '/apis/things.example.com/v2/gadgets',
    '/apis/things.example.com/v2/gadgets/{name}',
    '/version/',
  ])
  const operations = Object.values(paths).flatMap(path =>
    Object.values(path)
      .map(one => one.operationId)
      .filter(Boolean),
  )
  assert.equal(new Set(operations).size, operations.length)
  const item = paths['/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}']
  assert.deepEqual(item?.patch?.['x-kubernetes-group-version-kind'], { group: 'example.k8s.io', kind: 'Widget', version: 'v1' })
  assert.equal(item?.patch?.['x-kubernetes-action'], 'patch')
  assert.equal(item?.patch?.operationId, 'patchExampleV1NamespacedWidget')
  // kubectl looks these up before it sends them.
  const names = Object.values(item?.patch?.parameters ?? {}).map(one => one.name)
  assert.deepEqual(names, ['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force'])
  assert.equal(paths['/apis/example.k8s.io/v1/namespaces/{namespace}/widgets/{name}/exec']?.get?.['x-kubernetes-action'], 'connect')
})

test("gnostic's protobuf holds every path and definition", () => {
  const document = tree(openApiV2(kinds, { version: 'v9' }))
  const fields = messageOf(encodeOpenApiV2Protobuf(document))
  assert.equal(textOf(fields, 1), '2.0')
  assert.equal(textOf(messageOf(bytesOf(fields, 2)), 2), 'v9')
  const names = (field: number, entry: number): string[] =>
    all(messageOf(bytesOf(fields, field)), entry).map(one => textOf(messageOf(one), 1))
  assert.deepEqual(names(8, 2), Object.keys(document.paths ?? {}))
  assert.deepEqual(names(9, 1), Object.keys(document.definitions ?? {}))

  const widgetEntry = all(messageOf(bytesOf(fields, 9)), 1)
    .map(messageOf)
    .find(entry => textOf(entry, 1) === 'io.example.v1.Widget')
  const schema = messageOf(bytesOf(widgetEntry ?? [], 2))
  assert.equal(textOf(schema, 4), 'A widget.')
  assert.equal(textOf(messageOf(bytesOf(schema, 22)), 1), 'object')
  const extension = messageOf(bytesOf(schema, 31))
  assert.equal(textOf(extension, 1), 'x-kubernetes-group-version-kind')
  assert.equal(textOf(messageOf(bytesOf(extension, 2)), 2), '[{"group":"example.k8s.io","kind":"Widget","version":"v1"}]')
})

test('the hash follows the content', () => {
  const document = openApiV3(kinds, 'example.k8s.io', 'v1')
  assert.match(openApiHash(document), /^[0-9A-F]{128}$/)
  assert.equal(openApiHash(document), openApiHash(openApiV3(kinds.toReversed(), 'example.k8s.io', 'v1')))
  assert.notEqual(openApiHash(document), openApiHash(openApiV3([], 'example.k8s.io', 'v1')))
})

function visit(value: unknown, see: (object: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) see(value as Readonly<Record<string, unknown>>)
  for (const child of Object.values(value)) visit(child, see)
}

type Message = readonly (readonly [number, Uint8Array])[]

/** The fields of a message that hold bytes, in order. */
function messageOf(raw: Uint8Array): Message {
  const reader = createReader(raw)
  const fields: [number, Uint8Array][] = []
  readFields(reader, (field, wireType) => (wireType === 2 ? void fields.push([field, readBytes(reader)]) : skipField(reader, wireType)))
  return fields
}

const all = (message: Message, field: number): Uint8Array[] => message.filter(([number]) => number === field).map(([, value]) => value)

function bytesOf(message: Message, field: number): Uint8Array {
  const [value] = all(message, field)
  assert.ok(value, `field ${field} is missing`)
  return value
}

const textOf = (message: Message, field: number): string => Buffer.from(bytesOf(message, field)).toString()
