import { textOf, textsOf, withPrefix } from './authentication-configuration.ts'
import type { JwtIssuer } from './oidc.ts'

/** Upstream's flags for one issuer. */
export interface OidcFlags {
  readonly oidcIssuerUrl?: string
  readonly oidcClientId?: string
  readonly oidcUsernameClaim?: string
  readonly oidcUsernamePrefix?: string
  readonly oidcGroupsClaim?: string
  readonly oidcGroupsPrefix?: string
  /** `key=value`, with commas between several. */
  readonly oidcRequiredClaim?: string
  /** With commas between them; RS256 by default. */
  readonly oidcSigningAlgs?: string
  /** PEM */
  readonly certificateAuthority?: string
}

export function issuerOfFlags(flags: OidcFlags): JwtIssuer {
  const { oidcIssuerUrl: url = '', oidcClientId: client = '', oidcUsernameClaim: nameClaim = 'sub', oidcGroupsClaim: groupsClaim } = flags
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new Error(`open authentication: --oidc-issuer-url ${JSON.stringify(url)}: URL scheme must be https`)
  if (client === '') throw new Error('open authentication: --oidc-client-id is needed beside --oidc-issuer-url')
  // Names other than addresses are unique within their issuer only; `-` says that nobody else gives names.
  const named = flags.oidcUsernamePrefix ?? (nameClaim === 'email' ? '' : `${url}#`)
  const prefix = named === '-' ? '' : named
  const required = (flags.oidcRequiredClaim ?? '')
    .split(',')
    .filter(Boolean)
    .map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`open authentication: --oidc-required-claim ${JSON.stringify(pair)}: key=value is needed`)
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    })
  return {
    url,
    certificateAuthority: flags.certificateAuthority,
    audiences: [client],
    algorithms: (flags.oidcSigningAlgs ?? 'RS256').split(',').map(name => name.trim()),
    userOf(claims) {
      for (const [claim, value] of required)
        if (claims[claim] !== value) throw new Error(`claim ${JSON.stringify(claim)} does not have its required value`)
      if (nameClaim === 'email' && claims.email_verified !== undefined && claims.email_verified !== true)
        throw new Error('the email is not verified')
      const name = textOf(claims[nameClaim], 'username')
      if (name === '') throw new Error('the username is empty')
      const groups = groupsClaim ? textsOf(withPrefix(claims[groupsClaim], flags.oidcGroupsPrefix ?? ''), 'groups') : []
      return { name: prefix + name, groups }
    },
  }
}
