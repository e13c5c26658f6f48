/**
 * The one way into a cluster for everyone but the API server itself: a typed client over an ApiConnection
 * (in process or HTTPS), shared informers, a rate-limited work queue, leader election, events and kubeconfig files.
 */
export * from './types.ts'
