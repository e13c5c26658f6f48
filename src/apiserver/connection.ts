import { badRequest, forbidden, pathNotFound, type StatusError, serviceUnavailable } from '../apimachinery/api-errors.ts'
import type {
  ApiCall,
  ApiConnection,
  CallOptions,
  ResourceChange,
  ResourceName,
  ResourceView,
  ViewScope,
} from '../apimachinery/connection.ts'
import type { DeleteOptions, KubernetesObject } from '../apimachinery/meta.ts'
import { annotateNothing, type RequestAttributes, type RequestContext, type UserInfo } from '../apimachinery/request.ts'
import type { StoredVersion } from '../storage/types.ts'
import type { Aggregation, RemoteGroupVersion } from './aggregation/index.ts'
import { type AuditRecord, recordBody, recordDeleteOptions, recordOutcome } from './audit/index.ts'
import type { Operation, Outcome } from './operations/operation.ts'
import { perform } from './operations/perform.ts'
import { checkSupported } from './operations/request-parts.ts'
import { toServed } from './registry/conversion.ts'
import { metadataObjectOf, metadataOf } from './registry/stored-object.ts'
import { statusOf } from './request/answer.ts'
import { authorize } from './request/authorize.ts'
import { isCollectionVerb, nameInFieldSelector } from './request/name-in-field-selector.ts'
import { checkWriteOptions, invalidOptions } from './request/options.ts'
import { watchTimeout } from './request/watch-timeout.ts'
import { collectionPrefix, objectKey, type Resource } from './resources.ts'
import type { ServerRoom } from './server-room.ts'
import { iterateWatch } from './watch/iterate.ts'
import { openWatch } from './watch/open-watch.ts'

const closedConnection = 'the connection to the API server was closed'

export interface ConnectOptions {
  readonly userAgent?: string
  readonly fieldManager?: string
}

/**
 * The API for callers in the same process: calls are calls. They skip TLS, authentication and encoding, and nothing else.
 * Objects that come out are shared and must not be changed; objects that go in are copied by decoding them.
 */
export function createConnection(room: ServerRoom, user: UserInfo, connected: ConnectOptions): ApiConnection {
  const ended = new AbortController()
  const groups = user.groups.includes('system:authenticated') ? user.groups : [...user.groups, 'system:authenticated']
  const caller: Caller = { room, user: { ...user, groups }, connected, ended: ended.signal, converted: new WeakMap() }
  return {
    async call(call) {
      if (ended.signal.aborted) throw serviceUnavailable(closedConnection)
      try {
        return await callOperation(caller, call)
      } catch (error) {
        throw statusOf(error)
      }
    },
    watch: call => watchCall(caller, call),
    // What is elsewhere has no view: it is listed and watched.
    view: (name, scope) => (findElsewhere(caller, name) ? undefined : createView(caller, name, scope)),
    async close() {
      ended.abort(new Error(closedConnection))
    },
  }
}

interface Caller {
  readonly room: ServerRoom
  readonly user: UserInfo
  readonly connected: ConnectOptions
  readonly ended: AbortSignal
  /** Objects of served versions that are not the stored one: one for each stored object, so that it stays the same. */
  readonly converted: WeakMap<KubernetesObject, KubernetesObject>
}

async function callOperation(caller: Caller, call: ApiCall): Promise<KubernetesObject> {
  const { room } = caller
  const remote = findElsewhere(caller, call.resource)
  if (remote) return callElsewhere(caller, call, remote)
  if (!room.audit) return toValue(caller, await performAsked(caller, call, undefined))
  const record = beginAudit(caller, call)
  try {
    await record?.received
    const outcome = await performAsked(caller, call, record)
    if (record) recordOutcome(record, room.encoder, outcome)
    record?.complete(outcome.type === 'list' ? 200 : outcome.type === 'answer' ? outcome.answer.status : outcome.code)
    return toValue(caller, outcome)
  } catch (error) {
    if (record) recordRefusal(record, error)
    throw error
  }
}

/** What the server has itself is its own for callers in process, whoever has been put in front of it. */
function findElsewhere({ room: { aggregation, catalog } }: Caller, name: ResourceName): RemoteGroupVersion | undefined {
  const remote = aggregation?.findResource(name)
  return remote && !catalog.find(name.group, name.version, name.resource) ? remote : undefined
}

/** What an extension server answers is asked of it after authorization, in the caller's name. */
async function callElsewhere(caller: Caller, call: ApiCall, remote: RemoteGroupVersion): Promise<KubernetesObject> {
  const { room, user, ended } = caller
  const record = room.audit && beginAudit(caller, call)
  await record?.received
  await authorizeRecorded(caller, attributesOf(call), record)
  try {
    const asked = { ...call, signal: call.signal ? AbortSignal.any([call.signal, ended]) : ended }
    const answer = await (room.aggregation as Aggregation).call(remote, asked, user)
    record?.complete(call.verb === 'create' ? 201 : 200)
    return answer
  } catch (error) {
    if (record) recordRefusal(record, error)
    throw error
  }
}

async function* watchElsewhere(caller: Caller, call: ApiCall, remote: RemoteGroupVersion) {
  const { room, user, ended } = caller
  const record = room.audit && beginAudit(caller, call)
  await authorizeRecorded(caller, attributesOf(call), record)
  const signal = call.signal ? AbortSignal.any([call.signal, ended]) : ended
  try {
    yield* (room.aggregation as Aggregation).watch(remote, call, user, signal)
  } finally {
    record?.complete(200)
  }
}

function performAsked(caller: Caller, call: ApiCall, record: AuditRecord | undefined): Promise<Outcome> {
  const { room, user } = caller
  const operation = operationOf(caller, call, record)
  const deciding = authorize(room.authorizer, user, operation.context.attributes, record?.annotate)
  const run = () => room.inflight.run(call.verb !== 'get' && call.verb !== 'list', () => perform(room, operation))
  return deciding ? deciding.then(run) : run()
}

/** Calls in process are audited like any other; the path is the one that an HTTP client would have used. */
function beginAudit({ room, user, connected }: Caller, call: ApiCall): AuditRecord | undefined {
  const attributes = attributesOf(call)
  const request = {
    auditId: room.random.uuid(),
    uri: pathOf(call),
    attributes,
    sourceIPs: ['127.0.0.1'],
    userAgent: connected.userAgent ?? user.name,
    receivedAt_ms: room.clock.now(),
  }
  return room.audit?.begin(request, user)
}

function pathOf({ verb, resource, namespace, name, subresource }: ApiCall): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`
  const parts = [root, ...(namespace ? ['namespaces', namespace] : []), resource.resource, name, subresource]
  return parts.filter(part => part).join('/') + (verb === 'watch' ? '?watch=true' : '')
}

function recordRefusal(record: AuditRecord, error: unknown): void {
  const refusal = statusOf(error)
  if (refusal !== error) record.panic(error)
  record.status(refusal.status)
  record.responseObject(() => JSON.stringify(refusal.status))
  record.complete(refusal.code)
}

function toValue(caller: Caller, outcome: Outcome): KubernetesObject {
  switch (outcome.type) {
    case 'version':
      return present(caller, outcome.resource, outcome.version)
    case 'list':
      return listValue(caller, outcome)
    case 'object':
      return outcome.object
    case 'status':
      return outcome.status as unknown as KubernetesObject
    case 'answer':
      throw badRequest('this subresource answers over HTTP only')
  }
}

function listValue(caller: Caller, { resource, list }: Extract<Outcome, { type: 'list' }>): KubernetesObject {
  const metadata = {
    resourceVersion: String(list.revision),
    ...(list.continue !== undefined && { continue: list.continue }),
    ...(list.remainingItemCount !== undefined && { remainingItemCount: list.remainingItemCount }),
  }
  const items = list.versions.map(version => present(caller, resource, version))
  return {
    kind: resource.kind.listKind ?? `${resource.kind.kind}List`,
    apiVersion: resource.apiVersion,
    metadata,
    items,
  } as unknown as KubernetesObject
}

/** The shared object of a version, as this resource's version shows it. */
function present({ room, converted }: Caller, resource: Resource, version: StoredVersion): KubernetesObject {
  const stored = metadataObjectOf(resource, version, room.registry.freezeObjects)
  if (resource.servesStored) return stored
  let served = converted.get(stored)
  if (!served) {
    served = toServed(resource, stored)
    converted.set(stored, served)
  }
  return served
}

function findResource({ room }: Caller, { group, version, resource }: ResourceName): Resource {
  const found = room.catalog.find(group, version, resource)
  if (!found) throw pathNotFound()
  return found
}

function operationOf(caller: Caller, call: ApiCall, record: AuditRecord | undefined): Operation {
  const { room, user, connected, ended } = caller
  const resource = findResource(caller, call.resource)
  const options: CallOptions = { fieldManager: connected.fieldManager, ...call.options }
  const errors = checkWriteOptions(options, [])
  if (errors.length > 0) throw invalidOptions('Call', errors)
  const attributes = attributesOf(call)
  const context: RequestContext = {
    user,
    signal: call.signal ? AbortSignal.any([call.signal, ended]) : ended,
    auditId: room.random.uuid(),
    userAgent: connected.userAgent ?? user.name,
    attributes,
    dryRun: options.dryRun === true,
    warn: text => room.logger.warn(`${call.verb} ${call.resource.resource} ${call.name ?? ''} as ${user.name}: ${text}`),
    annotate: record?.annotate ?? annotateNothing,
  }
  return {
    verb: call.verb,
    resource,
    subresource: call.subresource ?? '',
    namespace: resource.namespaced ? (call.namespace ?? '') : '',
    name: call.name ?? '',
    options,
    context,
    patchType: call.patchType,
    query: new URLSearchParams(),
    rest: '',
    async body() {
      if (call.body === undefined) return undefined
      const body = { value: call.body, duplicates: [] }
      if (record) recordBody(record, body, resource, call.subresource ?? '')
      return body
    },
    async deleteOptions() {
      const deleteOptions = deleteOptionsOf(options)
      if (record) recordDeleteOptions(record, deleteOptions)
      return deleteOptions
    },
    http: undefined,
  }
}

const attributesOf = ({ verb, resource, subresource = '', namespace = '', name = '', options }: ApiCall): RequestAttributes => ({
  verb,
  path: '',
  isResourceRequest: true,
  group: resource.group,
  version: resource.version,
  resource: resource.resource,
  subresource,
  namespace,
  name: name || (isCollectionVerb(verb) ? nameInFieldSelector(options?.fieldSelector) : ''),
  ...(options?.fieldSelector && { fieldSelector: options.fieldSelector }),
  ...(options?.labelSelector && { labelSelector: options.labelSelector }),
})

const deleteOptionsOf = ({ gracePeriodSeconds, propagationPolicy, preconditions }: CallOptions): DeleteOptions => ({
  gracePeriodSeconds,
  propagationPolicy,
  preconditions,
})

async function* watchCall(caller: Caller, call: ApiCall) {
  const { room } = caller
  const asked: ApiCall = { ...call, verb: 'watch' }
  const remote = findElsewhere(caller, call.resource)
  if (remote) return yield* watchElsewhere(caller, asked, remote)
  const record = room.audit && beginAudit(caller, asked)
  const operation = operationOf(caller, asked, record)
  await authorizeRecorded(caller, operation.context.attributes, record)
  checkSupported(operation, undefined)
  const { resource, namespace, options, context } = operation
  const read = { storage: room.registry.storage, clock: room.clock, signal: context.signal, sharedItems: room.sharedItems }
  const watch = await openWatch(read, resource, namespace, options)
  const timedOut = new AbortController()
  const timer = room.clock.setTimer(watchTimeout(room.random, options.timeoutSeconds), () => timedOut.abort())
  try {
    yield* iterateWatch(
      watch,
      room.bookmarks,
      ({ version, revision }) => withRevision(present(caller, resource, version), revision),
      AbortSignal.any([context.signal, timedOut.signal, resource.removed]),
    )
  } finally {
    timer.cancel()
    record?.complete(200)
  }
}

function authorizeRecorded(
  { room, user }: Caller,
  attributes: RequestAttributes,
  record: AuditRecord | undefined,
): Promise<void> | undefined {
  const refused = (error: unknown): never => {
    if (record) recordRefusal(record, error)
    throw error
  }
  const allowed = () => {
    if (attributes.verb === 'watch') record?.responseStarted(200)
  }
  try {
    const deciding = authorize(room.authorizer, user, attributes, record?.annotate)
    if (deciding) return deciding.then(allowed, refused)
  } catch (error) {
    refused(error)
  }
  allowed()
  return undefined
}

// A deleted object is shown with the revision of its deletion.
function withRevision(object: KubernetesObject, revision: number): KubernetesObject {
  const resourceVersion = String(revision)
  if (object.metadata.resourceVersion === resourceVersion) return object
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** The committed objects themselves, for informers. Whoever looks must be allowed to list and to watch what is in scope. */
function createView(caller: Caller, name: ResourceName, scope: ViewScope = {}): ResourceView {
  const { room, user } = caller
  const resource = findResource(caller, name)
  const prefix = collectionPrefix(resource, scope.namespace ?? '')
  const end = scope.name === undefined ? '' : `/${scope.name}`
  const isInScope = (key: string) => key.startsWith(prefix) && key.endsWith(end)
  // Known at once, unless a webhook decides.
  let refusal: StatusError | undefined
  for (const verb of ['list', 'watch'] as const) {
    if (!resource.kind.verbs.includes(verb)) throw forbidden(resource.groupResource, '', `${verb} is not supported`)
    const { namespace, name: objectName, fieldSelector } = scope
    const call: ApiCall = { verb, resource: name, namespace, name: objectName, ...(fieldSelector && { options: { fieldSelector } }) }
    const record = room.audit && beginAudit(caller, call)
    authorizeRecorded(caller, attributesOf(call), record)?.catch(error => {
      refusal = statusOf(error)
      room.logger.error(`${verb} ${name.resource} in process as ${user.name}: refused, the view ends`, { error })
    })
    if (verb === 'list') record?.complete(200)
    else caller.ended.addEventListener('abort', () => record?.complete(200), { once: true })
  }
  const { storage } = room.registry
  // A custom kind may change while it is followed; what is shown is what it is now.
  const current = () => (resource.kind.custom ? (room.catalog.find(name.group, name.version, name.resource) ?? resource) : resource)
  const look = scope.metadataOnly
    ? (now: Resource, version: StoredVersion) => metadataOf(now, version, room.registry.freezeObjects)
    : (now: Resource, version: StoredVersion) => present(caller, now, version)
  const show = (version: StoredVersion | undefined) => {
    if (refusal) throw refusal
    return version && look(current(), version)
  }
  return {
    get revision() {
      return storage.committed.revision
    },
    get(namespace = '', objectName) {
      const key = objectKey(resource, namespace, objectName)
      return isInScope(key) ? show(storage.committed.get(key)) : undefined
    },
    list(namespace = scope.namespace ?? '') {
      const versions = storage.committed.list(collectionPrefix(resource, namespace))
      const shown = prefix === resource.keyPrefix && end === '' ? versions : versions.filter(version => isInScope(version.key))
      if (refusal) throw refusal
      const now = current()
      return shown.map(version => look(now, version))
    },
    subscribe(listener: (change: ResourceChange) => void) {
      const watch = storage.watch(prefix, storage.committed.revision, events => {
        for (const event of events) {
          if (refusal || !isInScope(event.key)) continue
          try {
            listener({ old: show(event.old), new: show(event.new), revision: event.revision })
          } catch (error) {
            // One informer's fault must not keep the event from the others.
            room.logger.error(`tell ${user.name} of ${event.key} at revision ${event.revision}: its handler failed`, { error })
          }
        }
      })
      const stop = () => watch.close()
      caller.ended.addEventListener('abort', stop, { once: true })
      return () => {
        caller.ended.removeEventListener('abort', stop)
        stop()
      }
    },
  }
}
