/**
 * The API server: a request's way from the socket to the store and back. In go requests (over HTTPS, or as calls in process)
 * and a store; out come answers, watches and discovery, the same for built-in and custom kinds, since all it knows of them
 * is their `Kind`. The order is fixed: authenticate, authorize, decode, admit, store, answer.
 * It never starts controllers, never answers from what is not durable, and beyond transport/ it sees no socket.
 */
export type { ConnectOptions } from './connection.ts'
export { limits } from './limits.ts'
export { type ApiServer, createApiServer } from './server.ts'
export { type Listening, type ListenOptions, listen } from './transport/listen.ts'
export * from './types.ts'
