/**
 * Cluster DNS. In come services, endpoint slices and namespaces of the client; out go answers over UDP and TCP from a
 * thread of its own. Names of others are asked upstream. It never waits for the API: what it knows, it answers.
 */
export type { DnsStatistics } from './messages.ts'
export { type DnsObjectsOptions, dnsObjects } from './objects.ts'
export { type DnsServerOptions, type RunningDnsServer, startDnsServer } from './start.ts'
