import type { Status } from '../../apimachinery/api-errors.ts'
import type { RequestAttributes, RequestContext, UserInfo } from '../../apimachinery/request.ts'
import { type Clock, formatMicroTime } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import { type AuditUser, auditUserOf, formatEvent, type ObjectReference, type ResponseStatus } from './event.ts'
import { type AuditDecision, type AuditPolicy, type AuditStage, decideAudit, isAtLeast } from './policy.ts'

/** Where events go. A backend never throws and never holds the caller: what it can't take it drops and counts. */
export interface AuditBackend {
  /** One event as a line of JSON without a line break. The promise, where there is one, ends when the event is written. */
  write(event: string): Promise<void> | undefined
  close(): Promise<void>
}

export interface AuditOptions {
  readonly policy: AuditPolicy
  readonly backends: readonly AuditBackend[]
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** What is known of a request when it arrives. */
export interface AuditedRequest {
  readonly auditId: string
  readonly uri: string
  readonly attributes: RequestAttributes
  readonly sourceIPs: readonly string[]
  readonly userAgent: string
  readonly receivedAt_ms: number
}

export interface Audit {
  /** Undefined where the policy wants nothing written down. */
  begin(request: AuditedRequest, user: UserInfo): AuditRecord | undefined
  /** Somebody came with credentials that nobody knows. */
  refuseUnknown(request: AuditedRequest, message: string, code: number): void
  close(): Promise<void>
}

/** The life of one request in the audit log. */
export interface AuditRecord {
  readonly annotate: RequestContext['annotate']
  /** Ends when the backends that are waited for have the first stage. */
  readonly received: Promise<void> | undefined
  readonly omitManagedFields: boolean
  impersonate(user: UserInfo): void
  /** The body as it came; what it says of the object completes the reference. `json` is asked for only where it is written down. */
  requestObject(metadata: ObjectFacts | undefined, json: () => string): void
  responseObject(json: () => string): void
  status(status: Status): void
  /** The head of an answer that will take long has gone. */
  responseStarted(code: number): void
  complete(code: number): void
  panic(error: unknown): void
}

export interface ObjectFacts {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

export function createAudit({ policy, backends, clock, logger, metrics }: AuditOptions): Audit {
  const events = metrics.counter('apiserver_audit_event_total', 'Counter of audit events generated and sent to the audit backend.')
  const levels = metrics.counter('apiserver_audit_level_total', 'Counter of policy levels for audit events (1 per request).')
  const emit = (line: string): Promise<void> | undefined => {
    events.add()
    const waiting = backends.map(backend => backend.write(line)).filter(promise => promise !== undefined)
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
  }
  const open = (request: AuditedRequest, user: UserInfo | undefined): Draft | undefined => {
    const decision = decideAudit(policy, user, request.attributes)
    levels.add({ level: decision.level })
    return decision.level === 'None' ? undefined : draftOf(request, user, decision)
  }
  // Backends count and report what they lose: only who waits for a stage has to learn of it once more.
  const sendUnwaited = (draft: Draft, stage: AuditStage): void => void send(draft, stage)?.catch(() => undefined)
  const send = (draft: Draft, stage: AuditStage): Promise<void> | undefined => {
    if (draft.decision.omitStages.includes(stage)) return undefined
    const { decision, ...rest } = draft
    return emit(formatEvent({ ...orderOf(rest, decision, stage), stageTimestamp: formatMicroTime(clock.now()) }))
  }
  return {
    begin(request, user) {
      const draft = open(request, user)
      if (!draft) return undefined
      const received = send(draft, 'RequestReceived')
      // Whoever began it may not wait for it.
      received?.catch(() => undefined)
      return recordOf(draft, received, sendUnwaited, logger)
    },
    refuseUnknown(request, message, code) {
      const draft = open(request, undefined)
      if (draft) sendUnwaited({ ...draft, responseStatus: { message, code } }, 'ResponseStarted')
    },
    async close() {
      await Promise.all(backends.map(backend => backend.close()))
    },
  }
}

/** An event that is being gathered. */
interface Draft {
  readonly decision: AuditDecision
  readonly auditID: string
  readonly requestURI: string
  readonly verb: string
  readonly user: AuditUser
  readonly sourceIPs: readonly string[]
  readonly userAgent: string
  readonly requestReceivedTimestamp: string
  impersonatedUser?: AuditUser
  objectRef?: ObjectReference
  responseStatus?: ResponseStatus
  requestObject?: string
  responseObject?: string
  annotations?: Record<string, string>
}

const longestUserAgent = 1024

function draftOf(request: AuditedRequest, user: UserInfo | undefined, decision: AuditDecision): Draft {
  const { attributes, userAgent } = request
  return {
    decision,
    auditID: request.auditId,
    requestURI: request.uri,
    verb: attributes.verb,
    user: user ? auditUserOf(user) : {},
    sourceIPs: request.sourceIPs,
    userAgent: userAgent.length > longestUserAgent ? `${userAgent.slice(0, longestUserAgent)}...TRUNCATED` : userAgent,
    requestReceivedTimestamp: formatMicroTime(request.receivedAt_ms),
    ...(attributes.isResourceRequest && { objectRef: referenceOf(attributes) }),
  }
}

const referenceOf = ({ resource, namespace, name, group, version, subresource }: RequestAttributes): ObjectReference => ({
  resource,
  ...(namespace && { namespace }),
  ...(name && { name }),
  ...(group && { apiGroup: group }),
  apiVersion: version,
  ...(subresource && { subresource }),
})

// JSON keeps the order in which members are written.
const orderOf = (draft: Omit<Draft, 'decision'>, { level }: AuditDecision, stage: AuditStage) => ({
  level,
  auditID: draft.auditID,
  stage,
  requestURI: draft.requestURI,
  verb: draft.verb,
  user: draft.user,
  ...(draft.impersonatedUser && { impersonatedUser: draft.impersonatedUser }),
  sourceIPs: draft.sourceIPs,
  ...(draft.userAgent && { userAgent: draft.userAgent }),
  ...(draft.objectRef && { objectRef: draft.objectRef }),
  ...(draft.responseStatus && { responseStatus: draft.responseStatus }),
  requestObject: draft.requestObject,
  responseObject: draft.responseObject,
  requestReceivedTimestamp: draft.requestReceivedTimestamp,
  annotations: draft.annotations,
})

function recordOf(
  draft: Draft,
  received: Promise<void> | undefined,
  send: (draft: Draft, stage: AuditStage) => void,
  logger: Logger,
): AuditRecord {
  const { decision } = draft
  let isComplete = false
  const end = (stage: AuditStage) => {
    if (isComplete) return
    isComplete = true
    send(draft, stage)
  }
  return {
    received,
    omitManagedFields: decision.omitManagedFields,
    annotate(key, value) {
      draft.annotations ??= {}
      if (draft.annotations[key] === undefined) draft.annotations[key] = value
      else if (draft.annotations[key] !== value)
        logger.debug(`annotate audit event ${draft.auditID}: ${key} is set already; the first value stays`)
    },
    impersonate(user) {
      draft.impersonatedUser = auditUserOf(user)
    },
    requestObject(metadata, json) {
      if (draft.objectRef && metadata) draft.objectRef = { ...draft.objectRef, ...factsOf(metadata), ...named(draft.objectRef) }
      if (isAtLeast(decision.level, 'Request')) draft.requestObject = json()
    },
    responseObject(json) {
      if (isAtLeast(decision.level, 'RequestResponse')) draft.responseObject = json()
    },
    status({ status, message, reason, details, code }) {
      draft.responseStatus = { status, message, reason, details, code }
    },
    responseStarted(code) {
      draft.responseStatus ??= { code }
      send(draft, 'ResponseStarted')
    },
    complete(code) {
      draft.responseStatus = { ...draft.responseStatus, code }
      end('ResponseComplete')
    },
    panic(error) {
      const message = `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`
      draft.responseStatus = { status: 'Failure', message, reason: 'InternalError', code: 500 }
      end('Panic')
    },
  }
}

/** The path says more surely than the body what is meant. */
const named = ({ namespace, name }: ObjectReference): ObjectReference => ({ ...(namespace && { namespace }), ...(name && { name }) })

const factsOf = ({ namespace, name, uid, resourceVersion }: ObjectFacts): ObjectReference => ({
  ...(namespace && { namespace }),
  ...(name && { name }),
  ...(uid && { uid }),
  ...(resourceVersion && { resourceVersion }),
})
