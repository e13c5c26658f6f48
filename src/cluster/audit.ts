import { readFile } from 'node:fs/promises'
import { type Audit, type AuditBackend, auditLogFile, auditWebhook, createAudit, parseAuditPolicy } from '../apiserver/audit/index.ts'
import type { Outgoing } from '../apiserver/outgoing/index.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { ApiServerSettings } from './api-server-settings.ts'
import { openWebhookClient } from './webhooks.ts'

interface World {
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

const webhookTimeout_ms = 30_000

/** The audit log that the settings ask for; half a setting is an error rather than a log that stays empty. */
export async function openAudit(settings: ApiServerSettings, world: World): Promise<Audit | undefined> {
  const { auditPolicyFile, auditLogPath, auditWebhookConfigFile } = settings
  const wantsBackend = Boolean(auditLogPath || auditWebhookConfigFile)
  if (!auditPolicyFile) {
    if (wantsBackend) throw new Error('open the audit log: without --audit-policy-file nothing would be recorded')
    return undefined
  }
  if (!wantsBackend) throw new Error('open the audit log: a policy needs --audit-log-path or --audit-webhook-config-file beside it')
  const warn = (message: string) => world.logger.warn(message)
  const policy = parseAuditPolicy(await readFile(auditPolicyFile, 'utf8'), auditPolicyFile, warn)
  const backends = [
    ...(auditLogPath ? [logBackend(settings, auditLogPath, world)] : []),
    ...(auditWebhookConfigFile ? [await webhookBackend(settings, auditWebhookConfigFile, world)] : []),
  ]
  return createAudit({ policy, backends, ...world })
}

function logBackend(settings: ApiServerSettings, path: string, world: World): AuditBackend {
  if (path === '-') return standardOutput
  return auditLogFile({
    path,
    mode: (settings.auditLogMode ?? 'blocking') as Parameters<typeof auditLogFile>[0]['mode'],
    maximumSize: settings.auditLogMaxsize,
    maximumBackups: settings.auditLogMaxbackup,
    maximumAge: settings.auditLogMaxage,
    compress: settings.auditLogCompress,
    ...world,
  })
}

const standardOutput: AuditBackend = {
  write(event) {
    process.stdout.write(`${event}\n`)
    return undefined
  },
  async close() {},
}

async function webhookBackend(settings: ApiServerSettings, kubeconfig: string, world: World): Promise<AuditBackend> {
  const wait_s = settings.auditWebhookBatchMaxWait
  return auditWebhook({
    client: await openWebhookClient(world.outgoing, kubeconfig, webhookTimeout_ms),
    batch: {
      maximumSize: settings.auditWebhookBatchMaxSize,
      bufferSize: settings.auditWebhookBatchBufferSize,
      ...(wait_s !== undefined && { maximumWait_ms: wait_s * 1000 }),
    },
    ...world,
  })
}
