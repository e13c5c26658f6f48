import { readFile } from 'node:fs/promises'
import type { AuthorizerChoice } from '../apiserver/authorization/authorization-configuration.ts'
import { unionAuthorizer, webhookAuthorizer } from '../apiserver/authorization/index.ts'
import type { Outgoing } from '../apiserver/outgoing/index.ts'
import type { Authorizer } from '../apiserver/types.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { ApiServerSettings } from './api-server-settings.ts'
import { openWebhookClient } from './webhooks.ts'

export interface AuthorizationOptions {
  readonly settings: ApiServerSettings
  readonly node: Authorizer
  readonly rbac: Authorizer
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** Who decides, in order: Node and RBAC unless the settings say otherwise. */
export async function openAuthorizer(options: AuthorizationOptions): Promise<Authorizer> {
  const choices = await readChoices(options.settings)
  return unionAuthorizer(choices ? await Promise.all(choices.map(choice => authorizerOf(choice, options))) : [options.node, options.rbac])
}

async function readChoices({
  authorizationConfig,
  authorizationMode,
}: ApiServerSettings): Promise<readonly AuthorizerChoice[] | undefined> {
  if (!authorizationConfig && !authorizationMode) return undefined
  if (authorizationConfig && authorizationMode)
    throw new Error('open authorization: --authorization-mode can not be set beside --authorization-config')
  // Loaded only where it is configured.
  const { parseAuthorizationConfiguration, parseAuthorizationModes } = await import(
    '../apiserver/authorization/authorization-configuration.ts'
  )
  if (authorizationMode) return parseAuthorizationModes(authorizationMode)
  const file = authorizationConfig ?? ''
  return parseAuthorizationConfiguration(await readFile(file, 'utf8'), file)
}

async function authorizerOf(choice: AuthorizerChoice, { node, rbac, outgoing, ...world }: AuthorizationOptions): Promise<Authorizer> {
  switch (choice.type) {
    case 'Node':
      return node
    case 'RBAC':
      return rbac
    case 'AlwaysAllow':
      return { authorize: () => ({ allowed: true, reason: '' }) }
    case 'AlwaysDeny':
      return { authorize: () => ({ allowed: false, reason: 'Everything is forbidden.' }) }
    case 'Webhook': {
      const { kubeconfig, timeout_ms, ...webhook } = choice.webhook
      return webhookAuthorizer({
        name: choice.name,
        client: await openWebhookClient(outgoing, kubeconfig, timeout_ms),
        ...webhook,
        ...world,
      })
    }
  }
}
