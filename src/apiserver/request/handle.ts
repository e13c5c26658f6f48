import { notAcceptable, pathNotFound } from '../../apimachinery/api-errors.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import { isLongRunning, recordAnswer, recordOutcome } from '../audit/index.ts'
import { leavingWhenSent, widthOf } from '../fairness/request.ts'
import { perform } from '../operations/perform.ts'
import { checkSupported } from '../operations/request-parts.ts'
import type { Resource } from '../resources.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpAnswer, HttpRequest } from '../types.ts'
import { openWatch } from '../watch/open-watch.ts'
import { pushedWatch } from '../watch/pushed-watch.ts'
import { actingUser } from './acting-user.ts'
import { answerOutcome } from './answer.ts'
import { type Arrived, arrive } from './arrive.ts'
import { headerOf } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { type Negotiated, negotiate, negotiateStatus, streamMediaTypes } from './negotiation.ts'
import { findResource, isHandedOn, operationOf } from './operation-of.ts'
import { refuse, withCommonHeaders } from './refuse.ts'
import { watchTimeout } from './watch-timeout.ts'

/** The way of every HTTP request, straight down: who sends it, may they, what do they want, do it, answer. */
export function handleRequest(room: ServerRoom, request: HttpRequest): Promise<HttpAnswer> {
  return answerArrived(room, arrive(room, request), request)
}

export async function answerArrived(room: ServerRoom, arrived: Arrived, request: HttpRequest): Promise<HttpAnswer> {
  const finish = room.metrics.begin(arrived.attributes, arrived.query)
  let answer: HttpAnswer
  try {
    answer = await route(room, arrived, request)
  } catch (error) {
    answer = refuse(room, arrived, error, negotiateStatus(headerOf(request, 'accept')))
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
    const body = request.method === 'HEAD' && !isSized(answer.body) ? undefined : answer.body
    return { ...answer, body: leavingWhenSent(body, seat, room.clock) }
  } catch (error) {
    seat.leave()
    throw error
  }
}

const isSized = (body: HttpAnswer['body']): boolean => typeof body === 'string' || body instanceof Uint8Array

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
  const frames = room.watchFrames(resource, negotiated, arrived.query)
  const onError = (error: unknown) =>
    room.logger.error(`watch ${arrived.request.url}: an event could not be sent, the watch ends`, { error })
  const timeout_ms = watchTimeout(room.random, options.timeoutSeconds)
  const body = pushedWatch({ watch, frames, bookmarks: room.bookmarks, clock: room.clock, timeout_ms, signal: resource.removed, onError })
  return { status: 200, headers: { 'content-type': frames.contentType }, body: room.inflight.counted(body) }
}
