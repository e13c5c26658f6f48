/**
 * What the API server calls out to: webhooks, extension API servers, token reviewers. In goes a destination (a URL or a
 * service of the cluster, with whom to trust there) and a request; out comes the answer, whole within a bound or as a
 * stream, or the connection itself. Failures speak in the words that people know from upstream and search for.
 * It never follows a redirect, never shows its caller's credentials, and knows no kind but what finds a service's address.
 */
export { type ClientConfig, destinationOf } from './destination.ts'
export { CallError } from './failure.ts'
export { createOutgoing, type OutgoingOptions } from './outgoing.ts'
export { type Address, resolveService, type ServiceView } from './resolve-service.ts'
export { serviceResolver, viewService } from './service-resolver.ts'
export { statusText } from './status-text.ts'
export type { Destination, Outgoing, OutgoingAnswer, OutgoingRequest, OutgoingStream, OutgoingUpgrade, ServiceReference } from './types.ts'
export { urlOf } from './url.ts'
