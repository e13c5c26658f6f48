/**
 * The one way into a cluster for everyone but the API server itself: a typed client over an ApiConnection
 * (in process or HTTPS), shared informers, a rate-limited work queue, leader election, events and kubeconfig files.
 * It knows no kinds of its own but Lease and Event, and never looks past what the API answers.
 */
export { type ClientOptions, createClient } from './client.ts'
export { type ControllerOptions, type ControllerWatch, runController, splitKey, watchOf } from './controller.ts'
export { createEventRecorder, type EventRecorderOptions } from './event-recorder.ts'
export { ConnectionError, type HttpsConnectionOptions, httpsConnection } from './https/index.ts'
export * from './kubeconfig.ts'
export { type LeaderElectionOptions, runLeaderElection } from './leader-election.ts'
export { controllerOf, isControlledBy, isOwnedBy, makeControllerReference, makeOwnerReference } from './owner-references.ts'
export * from './types.ts'
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts'
