import type { Destination } from './types.ts'

/** How webhooks of the API say where they are: one shape in every kind that has them. */
export interface ClientConfig {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
  /** PEM in base64. */
  readonly caBundle?: string
}

const defaultPort = 443

/** Undefined where a configuration names neither a URL nor a service, or both. */
export function destinationOf({ url, service, caBundle }: ClientConfig): Destination | undefined {
  const trust = caBundle ? { certificateAuthority: Buffer.from(caBundle, 'base64').toString('utf8') } : {}
  if (url !== undefined) return service ? undefined : { at: { url }, ...trust }
  if (!service) return undefined
  const { namespace, name, path, port = defaultPort } = service
  return { at: { service: { namespace, name, port }, ...(path && { path }) }, ...trust }
}
