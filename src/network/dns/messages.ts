/** What passes between the agent and the thread of the DNS server. */
export interface ServiceRecords {
  readonly namespace: string
  readonly name: string
  /** Empty for headless services and external names. */
  readonly clusterIps: readonly string[]
  readonly ports: readonly DnsPort[]
  readonly externalName: string | undefined
  /** Of headless services only. */
  readonly endpoints: readonly DnsEndpoint[]
}

export interface DnsPort {
  readonly name: string
  /** In lower case. */
  readonly protocol: string
  readonly port: number
}

export interface DnsEndpoint {
  readonly address: string
  /** The pod's host name, or the address with dashes. */
  readonly hostname: string
  readonly ports: readonly DnsPort[]
}

export interface DnsConfiguration {
  /** Ours; the server listens on UDP and TCP of each. */
  readonly addresses: readonly string[]
  /** 0 takes a free one. */
  readonly port: number
  readonly clusterDomain: string
  /** A resolv.conf file to follow, or servers (`address` or `address:port`, IPv6 in brackets). */
  readonly upstreams: string | readonly string[]
}

export type ToThread =
  | { readonly type: 'listen'; readonly configuration: DnsConfiguration }
  /** Service keys without records are gone. */
  | { readonly type: 'services'; readonly services: readonly (readonly [string, ServiceRecords | undefined])[] }
  | { readonly type: 'namespaces'; readonly added: readonly string[]; readonly removed: readonly string[] }
  /** Everything that was there at the start has been told. */
  | { readonly type: 'synced' }
  | { readonly type: 'statistics' }
  | { readonly type: 'close' }

export type FromThread =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  /** Now and then by itself, while there is something to answer, and when asked. */
  | { readonly type: 'statistics'; readonly statistics: DnsStatistics; readonly asked: boolean }

export interface DnsStatistics {
  /** Answers by code, `NOERROR` and so on. */
  readonly responses: Readonly<Record<string, number>>
  readonly forwarded: number
  readonly cacheHits: number
}
