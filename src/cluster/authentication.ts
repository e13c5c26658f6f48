import { readFile } from 'node:fs/promises'
import type { ApiConnection, ResourceView } from '../apimachinery/connection.ts'
import type { UserInfo } from '../apimachinery/request.ts'
import type { Secret } from '../apis/core/secret.ts'
import type { StructuredAuthentication } from '../apiserver/authentication/authentication-configuration.ts'
import {
  bootstrapTokenAuthenticator,
  parseTokenFile,
  secretTokenAuthenticator,
  staticTokenAuthenticator,
  type TokenIssuer,
  type TokenViews,
  webhookTokenAuthenticator,
} from '../apiserver/authentication/index.ts'
import type { Outgoing } from '../apiserver/outgoing/index.ts'
import type { AnonymousRule, Authenticator } from '../apiserver/types.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { ApiServerSettings } from './api-server-settings.ts'
import { openWebhookClient } from './webhooks.ts'

export interface AuthenticationOptions {
  readonly settings: ApiServerSettings
  readonly issuer: TokenIssuer
  readonly staticTokens?: Readonly<Record<string, UserInfo>>
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly logger: Logger
}

/** Everyone who knows bearer tokens beside the service accounts' own, in upstream's order. */
export interface TokenAuthentication {
  readonly authenticators: readonly Authenticator[]
  readonly anonymous: AnonymousRule
  /** Tokens in Secrets are known from now on. */
  attach(views: TokenViews, connection: ApiConnection): void
}

export async function openTokenAuthentication(options: AuthenticationOptions): Promise<TokenAuthentication> {
  const { settings, issuer, staticTokens, clock, logger } = options
  let views: TokenViews | undefined
  let connection: ApiConnection | undefined
  const structured = await readStructured(settings)
  const fromFile = await readTokenFile(settings, logger)
  const noteUse = createUseNotes(() => connection, logger)
  const authenticators: Authenticator[] = [
    ...(staticTokens || fromFile ? [staticTokenAuthenticator({ ...fromFile, ...staticTokens })] : []),
    secretTokenAuthenticator({ issuer, views: () => views, onUse: noteUse, clock }),
    ...(settings.enableBootstrapTokenAuth === false
      ? []
      : [
          bootstrapTokenAuthenticator({
            secret: name => (views?.secrets as ResourceView<Secret> | undefined)?.get('kube-system', name),
            clock,
          }),
        ]),
    ...(await oidc(options, structured)),
    ...(await webhook(options)),
  ]
  const anonymous = structured?.anonymous ?? { enabled: settings.anonymousAuth !== false }
  if (structured?.anonymous && settings.anonymousAuth !== undefined)
    throw new Error('open authentication: --anonymous-auth can not be set when anonymous is configured in --authentication-config')
  return {
    authenticators,
    anonymous,
    attach(givenViews, givenConnection) {
      views = givenViews
      connection = givenConnection
    },
  }
}

async function readStructured({ authenticationConfig }: ApiServerSettings): Promise<StructuredAuthentication | undefined> {
  if (!authenticationConfig) return undefined
  const { parseAuthenticationConfiguration } = await import('../apiserver/authentication/authentication-configuration.ts')
  return parseAuthenticationConfiguration(await readFile(authenticationConfig, 'utf8'), authenticationConfig)
}

async function readTokenFile({ tokenAuthFile }: ApiServerSettings, logger: Logger) {
  if (!tokenAuthFile) return undefined
  return parseTokenFile(await readFile(tokenAuthFile, 'utf8'), tokenAuthFile, message => logger.warn(message))
}

/** Loaded only where an issuer is configured: its libraries are of no use to others. */
async function oidc(
  { settings, outgoing, clock, logger }: AuthenticationOptions,
  structured: StructuredAuthentication | undefined,
): Promise<readonly Authenticator[]> {
  const { oidcIssuerUrl } = settings
  if (oidcIssuerUrl && structured?.issuers.length)
    throw new Error('open authentication: --oidc-issuer-url can not be set when --authentication-config has issuers')
  if (!oidcIssuerUrl && !structured?.issuers.length) return []
  const { oidcAuthenticator } = await import('../apiserver/authentication/oidc.ts')
  const { issuerOfFlags } = await import('../apiserver/authentication/oidc-flags.ts')
  const authority = settings.oidcCaFile ? await readFile(settings.oidcCaFile, 'utf8') : undefined
  const issuers = structured?.issuers.length ? structured.issuers : [issuerOfFlags({ ...settings, certificateAuthority: authority })]
  return [oidcAuthenticator({ issuers, outgoing, clock, logger })]
}

const webhookTimeout_ms = 30_000
const webhookCache_s = 120

async function webhook({ settings, issuer, outgoing, clock, logger }: AuthenticationOptions): Promise<readonly Authenticator[]> {
  const { authenticationTokenWebhookConfigFile: file } = settings
  if (!file) return []
  return [
    webhookTokenAuthenticator({
      client: await openWebhookClient(outgoing, file, webhookTimeout_ms),
      version: settings.authenticationTokenWebhookVersion === 'v1' ? 'v1' : 'v1beta1',
      audiences: issuer.audiences,
      cacheTtl_ms: (settings.authenticationTokenWebhookCacheTtl ?? webhookCache_s) * 1000,
      clock,
      logger,
    }),
  ]
}

/** Writes on a Secret that its token was used today: nobody waits for it, and it is written once. */
function createUseNotes(connection: () => ApiConnection | undefined, logger: Logger): (secret: Secret, day: string) => void {
  const writing = new Set<string>()
  return ({ metadata: { namespace, name = '' } }, day) => {
    const key = `${namespace}/${name}`
    if (writing.has(key)) return
    writing.add(key)
    const body = { metadata: { labels: { 'kubernetes.io/legacy-token-last-used': day } } }
    const resource = { group: '', version: 'v1', resource: 'secrets' }
    connection()
      ?.call({ verb: 'patch', resource, namespace, name, patchType: 'merge', body })
      .catch(error => logger.warn(`note that the token in secret ${key} was used: failed; the next use tries again`, { error }))
      .finally(() => writing.delete(key))
  }
}
