import type { Verb } from './kind.ts'

/** Who sends a request, as authentication found out. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What a request is about, as authorization and admission see it. */
export interface RequestAttributes {
  /** A verb of a resource, or the lower-case HTTP method of another path. */
  readonly verb: Verb | string
  readonly path: string
  /** False for paths such as /version; then only verb and path mean something. */
  readonly isResourceRequest: boolean
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** Empty for cluster-scoped objects and for requests about all namespaces. */
  readonly namespace: string
  /** Empty for collections. */
  readonly name: string
  /** Of a collection, as text; authorizers may allow a part of it. */
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

/** Travels with a request through every room. */
export interface RequestContext {
  readonly user: UserInfo
  /** Aborts when the client is gone, the deadline has passed or the server closes. */
  readonly signal: AbortSignal
  readonly auditId: string
  readonly userAgent: string
  readonly attributes: RequestAttributes
  readonly dryRun: boolean
  /** Adds a Warning header to the answer; equal texts are sent once. */
  readonly warn: (text: string) => void
  /**
   * Notes something for whoever reads the audit log, such as which policy refused the request; the key has a domain
   * (`policy.example.com/reason`), and the first value of a key stays. Costs nothing where nobody audits this request.
   */
  readonly annotate: (key: string, value: string) => void
}

/** The `annotate` of a request that is not audited. */
export const annotateNothing: RequestContext['annotate'] = () => undefined
