/**
 * Whole requests handed on to somebody else: to pods, services and nodes through their proxy subresources, and to
 * extension API servers. In go authorized requests of any method, with any body; out come the other side's answers as
 * they come, or the connection itself. Nothing here follows a redirect, shows the client's credentials to the other
 * side, or uses a connection again that was handed over.
 */
export { answerAs, forward } from './forward.ts'
export { forwardUpgrade, join } from './forward-upgrade.ts'
export { type ProxyOptions, proxyHandlers } from './handlers.ts'
export { forwardedHeaders, forwardedUpgradeHeaders } from './headers.ts'
