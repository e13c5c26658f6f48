import type { Status } from '../../apimachinery/api-errors.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { AuditLevel, AuditStage } from './policy.ts'

/** One line of the audit log, under upstream's names and in upstream's order. Bodies are JSON already. */
export interface AuditEvent {
  readonly level: AuditLevel
  readonly auditID: string
  readonly stage: AuditStage
  readonly requestURI: string
  readonly verb: string
  readonly user: AuditUser
  readonly impersonatedUser?: AuditUser
  readonly sourceIPs: readonly string[]
  readonly userAgent?: string
  readonly objectRef?: ObjectReference
  readonly responseStatus?: ResponseStatus
  readonly requestObject?: string
  readonly responseObject?: string
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface AuditUser {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: UserInfo['extra']
}

export interface ObjectReference {
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly apiGroup?: string
  readonly apiVersion?: string
  readonly resourceVersion?: string
  readonly subresource?: string
}

export type ResponseStatus = Partial<Pick<Status, 'status' | 'message' | 'reason' | 'details' | 'code'>>

export const auditUserOf = ({ name, uid, groups, extra }: UserInfo): AuditUser => ({
  ...(name && { username: name }),
  ...(uid && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(extra && Object.keys(extra).length > 0 && { extra }),
})

/** Larger events lose their bodies and say so, as upstream's truncating backend does. */
export const maximumEventBytes = 10 * 1024 * 1024

/** One line of JSON without a line break in it, whatever the client sent. */
export function formatEvent(event: AuditEvent): string {
  const { requestObject, responseObject } = event
  const bodyBytes = (requestObject?.length ?? 0) + (responseObject?.length ?? 0)
  if (bodyBytes <= maximumEventBytes) return write(event)
  return write({
    ...event,
    requestObject: undefined,
    responseObject: undefined,
    annotations: { ...event.annotations, 'audit.k8s.io/truncated': 'true' },
  })
}

function write({ requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, annotations, ...head }: AuditEvent): string {
  const { responseStatus } = head
  const first = JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    ...head,
    ...(responseStatus && { responseStatus: { metadata: {}, ...responseStatus } }),
  })
  const bodies = member('requestObject', requestObject) + member('responseObject', responseObject)
  const last = JSON.stringify({
    requestReceivedTimestamp,
    stageTimestamp,
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  })
  return `${first.slice(0, -1)}${bodies},${last.slice(1)}`
}

const member = (name: string, json: string | undefined): string => (json === undefined ? '' : `,"${name}":${json}`)
