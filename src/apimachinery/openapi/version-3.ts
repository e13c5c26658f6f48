import type { Kind } from '../kind.ts'
import { type Dialect, definitionsOf, definitionsOfTypes, reference } from './definitions.ts'
import { rootItems } from './discovery-items.ts'
import { compact, type Json, type OpenApiDocument, sorted } from './document.ts'
import { type Operation, type PathItem, pathItems } from './operations.ts'
import type { Parameter } from './parameters.ts'
import { servedKinds } from './served-kind.ts'

const dialect: Dialect = { version: 3, prefix: '#/components/schemas/' }

/** The document of one group and version (`/openapi/v3/apis/GROUP/VERSION`). */
export function openApiV3(kinds: readonly Kind[], group: string, version: string): OpenApiDocument {
  const served = servedKinds(kinds).filter(kind => kind.group === group && kind.version === version)
  return documentOf(pathItems(served), definitionsOf(served, dialect))
}

/** The documents of what is above all versions, by their paths (`apis/apps`). */
export function openApiV3Roots(kinds: readonly Kind[]): Map<string, OpenApiDocument> {
  const roots = rootItems(servedKinds(kinds))
  return new Map(roots.map(({ document, item, answer }) => [document, documentOf([item], definitionsOfTypes([answer], dialect))]))
}

const documentOf = (items: readonly PathItem[], definitions: ReadonlyMap<string, Json>): OpenApiDocument => ({
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'unversioned' },
  paths: sorted(items.map(item => [item.path, describePath(item)] as const)),
  components: {
    schemas: sorted(definitions),
    securitySchemes: {
      BearerToken: { type: 'apiKey', description: 'Bearer token', name: 'authorization', in: 'header' },
    },
  },
})

const describePath = (item: PathItem): Json => ({
  ...Object.fromEntries(Object.entries(item.operations).map(([method, operation]) => [method, describeOperation(operation)])),
  ...(item.parameters.length > 0 && { parameters: item.parameters.map(describeParameter) }),
})

function describeOperation(operation: Operation): Json {
  const { body } = operation
  return compact({
    tags: [operation.tag],
    description: operation.description,
    operationId: operation.id,
    parameters: operation.parameters.length ? operation.parameters.map(describeParameter) : undefined,
    requestBody:
      body && compact({ content: content(body.mediaTypes, reference(body.definition, dialect)), required: body.required || undefined }),
    responses: describeResponses(operation),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.groupVersionKind,
  })
}

const describeParameter = (parameter: Parameter): Json =>
  compact({
    name: parameter.name,
    in: parameter.in,
    description: parameter.description,
    required: parameter.in === 'path' || undefined,
    schema: { type: parameter.type, uniqueItems: true },
  })

const content = (mediaTypes: readonly string[], schema: Json): Json => Object.fromEntries(mediaTypes.map(type => [type, { schema }]))

const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch', 'application/cbor-seq']
const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

function describeResponses({ codes, answer, mediaTypes, streams }: Operation): Json {
  const body = answer
    ? content(mediaTypes ?? [...objectTypes, ...(streams ? streamTypes : [])], reference(answer, dialect))
    : content(['*/*'], { type: 'string' })
  return Object.fromEntries([
    ...codes.map(code => [String(code), { description: reasons[code], content: body }]),
    ['401', { description: 'Unauthorized' }],
  ])
}
