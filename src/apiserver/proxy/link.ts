/** Where something is shown: below a path, of a server that the client calls by one of these names. */
export interface LinkPlace {
  /** `/api/v1/namespaces/shop/pods/web/proxy` */
  readonly prefix: string
  readonly hosts: readonly string[]
}

/** A link of what is shown, as it must be for the client. Links to other servers and relative ones stay. */
export function rewriteLink(link: string, { prefix, hosts }: LinkPlace): string {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is.exec(link)
  if (!match) return link
  const [, scheme, host, path = '', rest = ''] = match
  const isElsewhere = host !== undefined ? !hosts.includes(host) : scheme !== undefined
  if (isElsewhere || !path.startsWith('/') || path === prefix || path.startsWith(`${prefix}/`)) return link
  return `${prefix}${path}${rest}`
}
