import { methodNotAllowed, notAcceptable, pathNotFound, type StatusError } from '../../apimachinery/api-errors.ts'
import { annotateNothing, type RequestAttributes, type RequestContext, type UserInfo } from '../../apimachinery/request.ts'
import {
  type AuditedRequest,
  type AuditRecord,
  isLongRunning,
  recordAnswer,
  recordBody,
  recordDeleteOptions,
  recordOutcome,
  sourceAddresses,
} from '../audit/index.ts'
import type { Flow } from '../fairness/index.ts'
import { leavingWhenSent, widthOf } from '../fairness/request.ts'
import { limits } from '../limits.ts'
import { admitConnection } from '../operations/connect.ts'
import { handlerOf, subresourceRequest } from '../operations/handler.ts'
import type { Operation } from '../operations/operation.ts'
import { perform } from '../operations/perform.ts'
import { checkSupported, isWhole } from '../operations/request-parts.ts'
import type { Resource } from '../resources.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpAnswer, HttpRequest, HttpUpgrade } from '../types.ts'
import { createWatchFrames } from '../watch/frames.ts'
import { openWatch } from '../watch/open-watch.ts'
import { pushedWatch } from '../watch/pushed-watch.ts'
import { answerOutcome, answerStatus, statusOf } from './answer.ts'
import { authenticate, headerOf } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { readBody, readDeleteOptions, readPatchType } from './http-body.ts'
import { impersonate, readImpersonation } from './impersonate.ts'
import { isCollectionVerb, nameInFieldSelector } from './name-in-field-selector.ts'
import { type Negotiated, negotiate, negotiateStatus, streamMediaTypes } from './negotiation.ts'
import { parseOptions } from './options.ts'
import { type PathTarget, parsePath } from './path.ts'
import { watchTimeout } from './watch-timeout.ts'

/** A request with everything that its head says, before anybody was asked about it. */
interface Arrived {
  readonly request: Omit<HttpRequest, 'body'>
  readonly target: PathTarget
  readonly query: URLSearchParams
  readonly attributes: RequestAttributes
  readonly warnings: string[]
  readonly auditId: string
  readonly receivedAt_ms: number
  /** Once it is known who sends it, and only where the audit policy wants it. */
  audit?: AuditRecord
  /** Once it is known who sends it. */
  flow?: Flow
}

/** The way of every HTTP request, straight down: who sends it, may they, what do they want, do it, answer. */
export async function handleRequest(room: ServerRoom, request: HttpRequest): Promise<HttpAnswer> {
  const arrived = arrive(room, request)
  const finish = room.metrics.begin(arrived.attributes, arrived.query)
  let answer: HttpAnswer
  try {
    answer = await route(room, arrived, request)
  } catch (error) {
    answer = refuse(room, arrived, error)
  }
  finish(answer.status)
  const complete = withCommonHeaders(answer, arrived)
  return arrived.audit ? recordAnswer(arrived.audit, complete, isLongRunning(arrived.attributes)) : complete
}

async function route(room: ServerRoom, arrived: Arrived, request: HttpRequest): Promise<HttpAnswer> {
  const { attributes } = arrived
  const user = await actingUser(room, arrived)
  arrived.flow = room.fairness.classify(user, attributes)
  // What lasts holds no seat: connections, logs that are followed, what is handed on to others. A watch holds one while it starts.
  if (attributes.verb !== 'watch' && isLongRunning(attributes)) return serve(room, arrived, user, request)
  const turn = room.fairness.enter(arrived.flow, widthOf(room, arrived), request.signal)
  const seat = turn instanceof Promise ? await turn : turn
  try {
    const answer = await serve(room, arrived, user, request)
    // Pieces that nobody asks for would keep the seat.
    const body = request.method === 'HEAD' ? undefined : answer.body
    return { ...answer, body: leavingWhenSent(body, seat, room.clock) }
  } catch (error) {
    seat.leave()
    throw error
  }
}

/** What is allowed, found and done. */
async function serve(room: ServerRoom, arrived: Arrived, user: UserInfo, request: HttpRequest): Promise<HttpAnswer> {
  const { attributes } = arrived
  const deciding = authorize(room.authorizer, user, attributes, arrived.audit?.annotate)
  if (deciding) await deciding
  const remote = room.aggregation?.find(arrived.target.path)
  if (remote && room.aggregation) return room.aggregation.answer(remote, request, user)
  if (!attributes.isResourceRequest) return room.documents.answer(request, arrived.target.path, arrived.query)
  const resource = findResource(room, arrived)
  if (isHandedOn(resource, arrived.target)) return answerHandedOn(room, arrived, user, resource, request)
  const forms = { protobuf: !resource.kind.custom, transforms: resource.kind.verbs.includes('get') }
  const negotiated = negotiate(headerOf(request, 'accept'), arrived.query.has('pretty') && arrived.query.get('pretty') !== 'false', forms)
  const deprecation = resource.served.deprecationWarning
  if (deprecation) arrived.warnings.push(deprecation)
  if (attributes.verb === 'watch') return answerWatch(room, arrived, user, resource, negotiated)
  return room.inflight.run(isMutating(attributes.verb), async () => {
    const operation = operationOf(room, arrived, user, resource, request)
    const outcome = await perform(room, operation)
    if (arrived.audit) recordOutcome(arrived.audit, room.encoder, outcome)
    return answerOutcome(room, outcome, negotiated, arrived.query)
  })
}

/** Proxies: neither what is accepted nor what is sent is ours to read. */
async function answerHandedOn(
  room: ServerRoom,
  arrived: Arrived,
  user: UserInfo,
  resource: Resource,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const outcome = await perform(room, operationOf(room, arrived, user, resource, request))
  if (outcome.type !== 'answer') throw pathNotFound()
  return outcome.answer
}

function isHandedOn({ kind }: Resource, { subresource }: PathTarget): boolean {
  const definition = subresource === '' ? undefined : kind.subresources[subresource]
  return definition !== undefined && isWhole(definition)
}

/** Who sends it, and as whom; from here on it is audited. */
async function actingUser(room: ServerRoom, arrived: Arrived): Promise<UserInfo> {
  const { authenticators, authorizer, audit } = room
  const { request } = arrived
  const sender = await authenticate(request, authenticators, room.anonymous).catch(error => {
    audit?.refuseUnknown(auditedRequest(arrived), attemptedAuthentication(request), statusOf(error).code)
    throw error
  })
  if (audit) {
    arrived.audit = audit.begin(auditedRequest(arrived), sender)
    await arrived.audit?.received
  }
  const wanted = readImpersonation(request)
  if (!wanted) return sender
  const user = await impersonate(authorizer, sender, wanted)
  arrived.audit?.impersonate(user)
  return user
}

const auditedRequest = ({ request, attributes, auditId, receivedAt_ms }: Arrived): AuditedRequest => ({
  auditId,
  uri: request.url,
  attributes,
  sourceIPs: sourceAddresses(request),
  userAgent: headerOf(request, 'user-agent') ?? '',
  receivedAt_ms,
})

/** In upstream's words; of the credentials themselves nothing. */
function attemptedAuthentication(request: Omit<HttpRequest, 'body'>): string {
  const scheme = headerOf(request, 'authorization')?.split(' ', 1)[0]?.toLowerCase()
  const attempted = [
    ...(scheme === 'basic' || scheme === 'bearer' ? [scheme] : []),
    ...(request.peer.clientCertificate || request.peer.certificateError !== undefined ? ['x509'] : []),
  ]
  return attempted.length > 0
    ? `Authentication failed, attempted: ${attempted.join(', ')}`
    : 'Authentication failed, no credentials provided'
}

/** exec, attach, port-forward: the connection itself is handed over once everything else is settled. */
export async function handleUpgrade(room: ServerRoom, upgrade: HttpUpgrade): Promise<void> {
  const arrived = arrive(room, upgrade.request)
  const finish = room.metrics.begin(arrived.attributes, arrived.query)
  try {
    const user = await actingUser(room, arrived)
    await authorize(room.authorizer, user, arrived.attributes, arrived.audit?.annotate)
    const { aggregation } = room
    const remote = aggregation?.find(arrived.target.path)
    if (remote && aggregation) {
      upgrade.socket.once('close', () => arrived.audit?.complete(101))
      await aggregation.upgrade(remote, upgrade, user)
      finish(101)
      return
    }
    // A WebSocket begins with a GET, but what it opens is more than reading (upstream asks the same since v1.35).
    if (arrived.attributes.verb === 'get') await authorize(room.authorizer, user, { ...arrived.attributes, verb: 'create' })
    const resource = findResource(room, arrived)
    const operation = operationOf(room, arrived, user, resource, upgrade.request)
    const definition = resource.kind.subresources[operation.subresource]
    checkSupported(operation, definition)
    if (definition?.action.type !== 'handler') throw pathNotFound()
    const handler = handlerOf(room, definition)
    if (!handler.upgrade) throw methodNotAllowed(resource.groupResource, 'upgrade')
    await admitConnection(room, operation, definition)
    const { audit } = arrived
    upgrade.socket.once('close', () => audit?.complete(101))
    await handler.upgrade(await subresourceRequest(room, operation, definition), upgrade)
    audit?.responseStarted(101)
    finish(101)
  } catch (error) {
    const answer = withCommonHeaders(refuse(room, arrived, error), arrived)
    finish(answer.status)
    arrived.audit?.complete(answer.status)
    refuseUpgrade(upgrade, answer)
  }
}

function refuseUpgrade({ socket }: HttpUpgrade, { status, body }: HttpAnswer): void {
  const text = typeof body === 'string' ? body : ''
  const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`
  socket.end(head + text)
}

const noQuery = new URLSearchParams()

function arrive(room: ServerRoom, request: Omit<HttpRequest, 'body'>): Arrived {
  const { url } = request
  const mark = url.indexOf('?')
  const target = parsePath(mark < 0 ? url : url.slice(0, mark))
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1))
  const auditId = headerOf(request, 'audit-id')?.slice(0, limits.auditIdLength) ?? room.random.uuid()
  return {
    request,
    target,
    query,
    attributes: attributesOf(request.method, target, query),
    warnings: [],
    auditId,
    receivedAt_ms: room.clock.now(),
  }
}

function attributesOf(method: string, target: PathTarget, query: URLSearchParams): RequestAttributes {
  const { path, isResourceRequest, group, version, namespace, resource, subresource } = target
  const verb = isResourceRequest ? verbOf(method, target, query) : method.toLowerCase()
  const attributes = { verb, path, isResourceRequest, group, version, resource, subresource, namespace, name: target.name }
  if (target.name !== '' || query.size === 0 || !isCollectionVerb(verb)) return attributes
  const fieldSelector = query.get('fieldSelector') || undefined
  const labelSelector = query.get('labelSelector') || undefined
  return { ...attributes, name: nameInFieldSelector(fieldSelector), fieldSelector, labelSelector }
}

function verbOf(method: string, { name, watchPrefix }: PathTarget, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD': {
      const watch = query.get('watch')
      if (watchPrefix || (name === '' && watch !== null && watch !== 'false' && watch !== '0')) return 'watch'
      return name === '' ? 'list' : 'get'
    }
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    // Of resources, other methods mean nothing, and must not be taken for the verbs that they may be called like.
    default:
      return ''
  }
}

function findResource({ catalog }: ServerRoom, { target }: Arrived): Resource {
  const resource = catalog.find(target.group, target.version, target.resource)
  if (!resource || (target.rest !== '' && target.rest !== '/' && !isHandedOn(resource, target))) throw pathNotFound()
  if (resource.namespaced && target.namespace === '' && target.name !== '') throw pathNotFound()
  // A namespace is in itself and in no other: who may do something in one may not do it to others through it.
  const isItself = target.resource === 'namespaces' && target.name === target.namespace
  if (!resource.namespaced && target.namespace !== '' && !isItself) throw pathNotFound()
  return resource
}

function operationOf(
  { yaml }: ServerRoom,
  { target, query, attributes, warnings, auditId, audit, request: head }: Arrived,
  user: UserInfo,
  resource: Resource,
  request: Omit<HttpRequest, 'body'> & Partial<Pick<HttpRequest, 'body'>>,
): Operation {
  const { verb } = attributes
  const handedOn = isHandedOn(resource, target)
  const options = query.size === 0 || handedOn ? {} : parseOptions(query, optionsName(verb))
  const context = contextOf(head, user, attributes, warnings, auditId, options.dryRun === true, audit?.annotate)
  const strict = options.fieldValidation !== 'Ignore'
  return {
    verb,
    resource,
    subresource: target.subresource,
    namespace: resource.namespaced ? target.namespace : '',
    name: target.name,
    options,
    context,
    patchType: verb === 'patch' && !handedOn ? readPatchType(request, resource) : undefined,
    query,
    rest: target.rest,
    async body() {
      const { kind } = resource.kind.subresources[target.subresource] ?? resource.kind
      const body = await readBody(request, yaml, { kind, custom: resource.kind.custom, findDuplicates: strict })
      if (audit && body) recordBody(audit, body, resource, target.subresource)
      return body
    },
    async deleteOptions() {
      const deleteOptions = await readDeleteOptions(request, yaml, options, dryRun => void Object.assign(context, { dryRun }))
      if (audit) recordDeleteOptions(audit, deleteOptions)
      return deleteOptions
    },
    http: head,
  }
}

function contextOf(
  request: Omit<HttpRequest, 'body'>,
  user: UserInfo,
  attributes: RequestAttributes,
  warnings: string[],
  auditId: string,
  dryRun: boolean,
  annotate: RequestContext['annotate'] = annotateNothing,
): RequestContext {
  const warn = (text: string) => {
    if (!warnings.includes(text)) warnings.push(text)
  }
  return {
    user,
    signal: request.signal,
    auditId,
    userAgent: headerOf(request, 'user-agent') ?? '',
    attributes,
    dryRun,
    warn,
    annotate,
  }
}

function optionsName(verb: string): Parameters<typeof parseOptions>[1] {
  switch (verb) {
    case 'create':
      return 'Create'
    case 'update':
      return 'Update'
    case 'patch':
      return 'Patch'
    case 'delete':
    case 'deletecollection':
      return 'Delete'
    case 'get':
      return 'Get'
    default:
      return 'List'
  }
}

const isMutating = (verb: string): boolean => verb !== 'get' && verb !== 'list'

async function answerWatch(
  room: ServerRoom,
  arrived: Arrived,
  user: UserInfo,
  resource: Resource,
  negotiated: Negotiated,
): Promise<HttpAnswer> {
  const operation = operationOf(room, arrived, user, resource, arrived.request)
  checkSupported(operation, undefined)
  if (negotiated.media === 'yaml') throw notAcceptable(streamMediaTypes({ protobuf: !resource.kind.custom }))
  const { options, namespace, name } = operation
  const named = name === '' ? options : { ...options, fieldSelector: `metadata.name=${name}` }
  const { sharedItems } = room
  const context = { storage: room.registry.storage, clock: room.clock, signal: arrived.request.signal, sharedItems }
  const watch = await openWatch(context, resource, namespace, named)
  const frames = createWatchFrames(
    { encoder: room.encoder, cache: room.frameCache, table: room.table },
    resource,
    negotiated,
    arrived.query,
  )
  const onError = (error: unknown) =>
    room.logger.error(`watch ${arrived.request.url}: an event could not be sent, the watch ends`, { error })
  const timeout_ms = watchTimeout(room.random, options.timeoutSeconds)
  const body = pushedWatch({ watch, frames, bookmarks: room.bookmarks, clock: room.clock, timeout_ms, signal: resource.removed, onError })
  return { status: 200, headers: { 'content-type': frames.contentType }, body: room.inflight.counted(body) }
}

function refuse(room: ServerRoom, { request, auditId, audit }: Arrived, error: unknown): HttpAnswer {
  const refusal: StatusError = statusOf(error)
  if (refusal !== error && !request.signal.aborted) {
    room.logger.error(`answer ${request.method} ${request.url}: unexpected error, answered with ${refusal.code}`, { error, auditId })
    audit?.panic(error)
  }
  audit?.status(refusal.status)
  audit?.responseObject(() => JSON.stringify(refusal.status))
  const answer = answerStatus(refusal.status, negotiateStatus(headerOf(request, 'accept')))
  const { retryAfterSeconds } = refusal.status.details ?? {}
  return retryAfterSeconds ? { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } } : answer
}

function withCommonHeaders(answer: HttpAnswer, { warnings, auditId, request, flow }: Arrived): HttpAnswer {
  const headers: Record<string, string | readonly string[]> = { 'audit-id': auditId, ...answer.headers }
  if (flow) addFlowHeaders(headers, flow)
  if (headers['cache-control'] === undefined) headers['cache-control'] = 'no-cache, private'
  if (warnings.length > 0) headers.warning = warnings.map(text => `299 - ${quoteHeader(text)}`)
  return request.method === 'HEAD' ? { ...answer, headers, body: undefined } : { ...answer, headers }
}

/** By these an administrator finds out which objects decided. */
function addFlowHeaders(headers: Record<string, string | readonly string[]>, { schema }: Flow): void {
  if (schema.uid) headers['x-kubernetes-pf-flowschema-uid'] = schema.uid
  if (schema.level.uid) headers['x-kubernetes-pf-prioritylevel-uid'] = schema.level.uid
}

const quoteHeader = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, ' ')}"`
