import type { Kind } from '../kind.ts'
import { discoveryTypes } from './common-types.ts'
import { type Dialect, definitionsOf, reference } from './definitions.ts'
import { rootItems } from './discovery-items.ts'
import { compact, type Json, type OpenApiDocument, sorted } from './document.ts'
import { type Operation, type PathItem, pathItems } from './operations.ts'
import type { Parameter } from './parameters.ts'
import { servedKinds } from './served-kind.ts'

const dialect: Dialect = { version: 2, prefix: '#/definitions/' }

/** One document for everything that is served (`/openapi/v2`). */
export function openApiV2(kinds: readonly Kind[], info: { readonly version: string }): OpenApiDocument {
  const served = servedKinds(kinds)
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: info.version },
    paths: sorted(
      [...pathItems(served), ...rootItems(served).map(({ item }) => item)].map(item => [item.path, describePath(item)] as const),
    ),
    definitions: sorted(definitionsOf(served, dialect, discoveryTypes)),
    securityDefinitions: {
      BearerToken: { description: 'Bearer token', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  }
}

const describePath = (item: PathItem): Json => ({
  ...Object.fromEntries(Object.entries(item.operations).map(([method, operation]) => [method, describeOperation(operation)])),
  ...(item.parameters.length > 0 && { parameters: item.parameters.map(describeParameter) }),
})

const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch', 'application/cbor-seq']

function describeOperation(operation: Operation): Json {
  const { body, groupVersionKind } = operation
  const parameters = [...(body ? [describeBody(body)] : []), ...operation.parameters.map(describeParameter)]
  return compact({
    consumes: body?.mediaTypes ?? operation.mediaTypes ?? ['*/*'],
    description: operation.description,
    operationId: operation.id,
    parameters: parameters.length ? parameters : undefined,
    produces: operation.mediaTypes ?? (operation.answer ? [...objectTypes, ...(operation.streams ? streamTypes : [])] : ['*/*']),
    responses: describeResponses(operation),
    schemes: ['https'],
    tags: [operation.tag],
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': groupVersionKind,
  })
}

const describeBody = (body: NonNullable<Operation['body']>): Json =>
  compact({ in: 'body', name: 'body', required: body.required || undefined, schema: reference(body.definition, dialect) })

const describeParameter = (parameter: Parameter): Json =>
  compact({
    description: parameter.description,
    in: parameter.in,
    name: parameter.name,
    required: parameter.in === 'path' || undefined,
    type: parameter.type,
    uniqueItems: true,
  })

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

function describeResponses({ codes, answer }: Operation): Json {
  const schema = answer ? reference(answer, dialect) : { type: 'string' }
  return Object.fromEntries([
    ...codes.map(code => [String(code), { description: reasons[code], schema }]),
    ['401', { description: 'Unauthorized' }],
  ])
}
