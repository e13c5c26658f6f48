/**
 * The audit log: who asked what of the API, when, and what came of it, as far as a policy wants it written down.
 * In go requests on their way; out go events as lines of JSON, to files or a webhook. It changes no request and
 * no answer, and where nobody audits, a request costs nothing.
 */
export { isLongRunning, recordAnswer } from './answers.ts'
export {
  type Audit,
  type AuditBackend,
  type AuditedRequest,
  type AuditOptions,
  type AuditRecord,
  createAudit,
} from './audit.ts'
export { recordBody, recordDeleteOptions, recordOutcome } from './bodies.ts'
export { type AuditLogFileOptions, auditLogFile } from './log-file.ts'
export { type AuditPolicy, parseAuditPolicy } from './policy.ts'
export { sourceAddresses } from './source-addresses.ts'
export { type AuditWebhookOptions, auditWebhook } from './webhook.ts'
