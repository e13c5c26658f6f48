import { methodNotAllowed } from '../../apimachinery/api-errors.ts'
import { checkConfiguration } from '../../apimachinery/apply/index.ts'
import { isJsonObject } from '../../apimachinery/json-value.ts'
import { createObject } from '../registry/create.ts'
import { deleteCollection, deleteObject } from '../registry/delete.ts'
import { trackFields } from '../registry/managed-fields.ts'
import { patchObject } from '../registry/patch.ts'
import { prepareVersions } from '../registry/prepare.ts'
import { readList, readOne } from '../registry/read.ts'
import { checkIdentity, updateObject } from '../registry/update.ts'
import { authorize } from '../request/authorize.ts'
import { asPatchError, decodeBody, decodeValue, decodeWithoutDefaults, defaulted } from '../request/body.ts'
import { readComputed } from './computed.ts'
import { reviewOrHandle } from './handler.ts'
import type { Operation, OperationRoom, Outcome } from './operation.ts'
import { checkSupported, decodeTarget, requiredBody, writeRequest } from './request-parts.ts'
import { performOnView } from './view.ts'

/** Carries out every verb but watch. */
export async function perform(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const outcome = await performVerb(room, operation)
  const { convert } = operation.resource.kind.storage ?? {}
  if (convert && outcome.type === 'version') await prepareVersions(outcome.resource, [outcome.version])
  if (convert && outcome.type === 'list') await prepareVersions(outcome.resource, outcome.list.versions)
  return outcome
}

function performVerb(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, subresource, verb } = operation
  const definition = subresource ? resource.kind.subresources[subresource] : undefined
  checkSupported(operation, definition)
  if (definition?.action.type === 'handler' || !resource.kind.verbs.includes('get')) return reviewOrHandle(room, operation, definition)
  if (definition?.action.type === 'view') return performOnView(room, operation, definition.action)
  if (resource.kind.computed) return readComputed(room, operation)
  switch (verb) {
    case 'get':
      return get(room, operation)
    case 'list':
      return list(room, operation)
    case 'create':
      return create(room, operation)
    case 'update':
      return update(room, operation)
    case 'patch':
      return patch(room, operation)
    case 'delete':
      return remove(room, operation)
    case 'deletecollection':
      return removeCollection(room, operation)
    default:
      throw methodNotAllowed(resource.groupResource, verb)
  }
}

const readContext = ({ registry }: OperationRoom, { context }: Operation) => ({
  storage: registry.storage,
  clock: registry.clock,
  signal: context.signal,
})

async function get(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, namespace, name, options } = operation
  const version = await readOne(readContext(room, operation), resource, namespace, name, options.resourceVersion)
  return { type: 'version', resource, version, code: 200 }
}

async function list(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, namespace, options } = operation
  return { type: 'list', resource, list: await readList(readContext(room, operation), resource, namespace, options) }
}

async function create({ registry }: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource } = operation
  const body = decodeBody(await requiredBody(operation), decodeTarget(operation))
  const version = await createObject(registry, writeRequest(operation), defaulted(resource, body))
  return { type: 'version', resource, version, code: 201 }
}

/** Who updates or applies what is not there creates it, and needs the right to. */
const authorizeCreation = ({ authorizer }: OperationRoom, { context: { user, attributes } }: Operation): Promise<void> | undefined =>
  authorize(authorizer, user, { ...attributes, verb: 'create' })

async function update(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const { registry } = room
  const { resource } = operation
  const request = writeRequest(operation)
  const decoded = decodeBody(await requiredBody(operation), decodeTarget(operation))
  const object = checkIdentity(request, defaulted(resource, decoded))
  let code = 200
  const mayCreate = resource.kind.strategy.allowCreateOnUpdate === true && operation.subresource === ''
  const version = await updateObject(registry, request, {
    propose: current => ({ object, managedFields: trackFields(registry, request, current, object) }),
    ...(mayCreate && {
      create: async () => {
        await authorizeCreation(room, operation)
        code = 201
        return createObject(registry, request, object)
      },
    }),
  })
  return { type: 'version', resource, version, code }
}

async function patch(room: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, patchType = 'merge' } = operation
  const body = await requiredBody(operation)
  const target = decodeTarget(operation)
  if (patchType === 'apply') checkAppliedFields(operation, body.value)
  const document = patchType === 'apply' ? decodeWithoutDefaults(body.value, target, body.duplicates) : body.value
  const { version, created } = await patchObject(room.registry, {
    ...writeRequest(operation),
    patchType,
    patch: document,
    authorizeCreation: () => authorizeCreation(room, operation),
    decode(patched) {
      try {
        return defaulted(resource, decodeValue(patched, target))
      } catch (error) {
        throw asPatchError(error, body.value)
      }
    },
  })
  return { type: 'version', resource, version, code: created ? 201 : 200 }
}

/** Decoding drops unknown fields, but nobody can own what the schema does not have: apply refuses them whatever fieldValidation says. */
function checkAppliedFields({ resource, namespace, name }: Operation, value: unknown): void {
  if (!isJsonObject(value)) return
  const metadata = { ...(isJsonObject(value.metadata) ? value.metadata : {}), namespace, name }
  checkConfiguration(resource.served.schema, { ...value, apiVersion: resource.apiVersion, kind: resource.kind.kind, metadata })
}

async function remove({ registry }: OperationRoom, operation: Operation): Promise<Outcome> {
  const result = await deleteObject(registry, writeRequest(operation), await operation.deleteOptions())
  if (result.type === 'status') return { type: 'status', status: result.status, code: 200 }
  return { type: 'version', resource: operation.resource, version: result.version, code: result.code }
}

async function removeCollection({ registry }: OperationRoom, operation: Operation): Promise<Outcome> {
  const { resource, options } = operation
  const deleted = await deleteCollection(registry, writeRequest(operation), options, await operation.deleteOptions())
  return { type: 'list', resource, list: deleted }
}
