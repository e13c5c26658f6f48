/**
 * SPDY/3.1 for exec, attach and port forwarding: the server side for clients, the client side for the runtime.
 * In: a duplex transport; out: streams of bytes with headers. It knows nothing of what the streams carry.
 */
export { type SpdyConnection, type SpdyOptions, type SpdyStream, spdyConnection } from './connection.ts'
export { dialSpdy } from './dial.ts'
export type { SpdyHeaders } from './header-block.ts'
