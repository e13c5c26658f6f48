/**
 * API aggregation: groups and versions that a server elsewhere answers for. In go APIService objects and requests for
 * what they name, authenticated and authorized; out come that server's answers, unchanged, with discovery and OpenAPI
 * that show both as one API. Who sends a request is told by headers that count because of our certificate; redirects
 * are refused. What the API server answers for itself has APIServices too, which are kept here.
 */
export { type Aggregation, type AggregationOptions, createAggregation } from './aggregation.ts'
export { type FollowOptions, followApiServices } from './follow.ts'
export type { RemoteGroupVersion } from './remote.ts'
