import { badRequest, internalError, invalid } from '../../apimachinery/api-errors.ts'
import type { Subresource } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { mutate, validate } from '../registry/admit.ts'
import { decodeBody, defaulted, subresourceTarget } from '../request/body.ts'
import type { SubresourceHandler, SubresourceRequest } from '../types.ts'
import { admitConnection } from './connect.ts'
import type { Operation, OperationRoom, Outcome } from './operation.ts'
import { decodeTarget, isWhole, requiredBody, writeRequest } from './request-parts.ts'

/** Subresources that reach beyond one object, and kinds that are asked but never stored. */
export function reviewOrHandle(room: OperationRoom, operation: Operation, definition: Subresource | undefined): Promise<Outcome> {
  return definition ? handle(room, operation, definition) : review(room, operation)
}

async function handle(room: OperationRoom, operation: Operation, definition: Subresource): Promise<Outcome> {
  const handler = handlerOf(room, definition)
  await admitConnection(room, operation, definition)
  const request = await admitted(room, operation, await subresourceRequest(room, operation, definition))
  const answer = await handler.handle(request)
  if ('answer' in answer) return { type: 'answer', answer: answer.answer }
  return { type: 'object', object: answer.object, code: answer.code ?? (operation.verb === 'create' ? 201 : 200) }
}

/** What is created under an object (tokens, evictions, bindings) is admitted like any object. */
async function admitted({ registry }: OperationRoom, operation: Operation, request: SubresourceRequest): Promise<SubresourceRequest> {
  if (operation.verb !== 'create' || !request.body) return request
  const write = writeRequest(operation)
  const body = await mutate(registry, write, 'CREATE', request.body, undefined)
  await validate(registry, write, 'CREATE', body, undefined)
  return { ...request, body }
}

export function handlerOf({ handlers }: OperationRoom, definition: Subresource): SubresourceHandler {
  const name = definition.action.type === 'handler' ? definition.action.handler : ''
  const handler = handlers.subresources[name]
  if (!handler) throw internalError(`subresource of kind ${definition.kind}: no handler ${JSON.stringify(name)} is installed`)
  return handler
}

export async function subresourceRequest(room: OperationRoom, operation: Operation, definition: Subresource): Promise<SubresourceRequest> {
  const { context, resource, subresource, verb, namespace, name, options, query, rest, http } = operation
  const reads = !isWhole(definition) && (verb === 'create' || verb === 'update' || verb === 'patch')
  const body = reads ? await operation.body() : undefined
  const target = subresourceTarget(resource, subresource, options.fieldValidation ?? 'Warn', context.warn)
  return {
    context,
    kind: resource.kind,
    served: resource.served,
    subresource,
    verb,
    namespace,
    name,
    body: body && (definition.schema || definition.kind === resource.kind.kind) ? decodeBody(body, target) : undefined,
    query,
    rest,
    fieldManager: writeRequest(operation).fieldManager,
    objects: room.objects,
    http,
  }
}

async function review({ handlers, objects, registry }: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, context, namespace } = operation
  const { kind } = resource
  const handler = handlers.reviews[kind.kind]
  if (!handler) throw internalError(`create ${kind.kind}: no handler is installed`)
  const decoded = inNamespace(operation, defaulted(resource, decodeBody(await requiredBody(operation), decodeTarget(operation))))
  const request = writeRequest(operation)
  const body = (await mutate(registry, request, 'CREATE', decoded, undefined)) ?? decoded
  const errors = kind.strategy.validate(body)
  if (errors.length > 0) throw invalid(kind.group, kind.kind, body.metadata.name ?? '', errors)
  await validate(registry, request, 'CREATE', body, undefined)
  const answered = await handler({ context, kind, namespace, body, objects })
  // What only asks for something to be done is answered with how it went.
  if (answered.kind === 'Status') return { type: 'object', object: answered, code: 201 }
  return { type: 'object', object: { ...answered, apiVersion: resource.apiVersion, kind: kind.kind }, code: 201 }
}

/** What is asked in a namespace is about that one, whatever its text says. */
function inNamespace({ resource, namespace }: Operation, object: KubernetesObject): KubernetesObject {
  const { metadata } = object
  if (!resource.namespaced || metadata.namespace === namespace) return object
  if (metadata.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  return { ...object, metadata: { ...metadata, namespace } }
}
