/**
 * The node's own HTTPS server: logs, exec, attach and port forwarding into its pods, their list, and what they use.
 * In: requests of the API server, of monitoring and of users with rights on `nodes`; out: streams joined with the
 * runtime's. It changes nothing: it starts, stops and writes no object, and answers nobody it doesn't know.
 */
export { startNodeServer } from './node-server.ts'
export type * from './types.ts'
