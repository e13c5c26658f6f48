/**
 * Who sends a request? Client certificates and service-account tokens (issued and checked here), and the reviews that
 * ask the same through the API. Anonymous requests are told apart by the request's own step.
 */

export { bootstrapTokenAuthenticator } from './bootstrap-token.ts'
export { clientCertificateAuthenticator } from './client-certificate.ts'
export { frontProxyAuthenticator } from './front-proxy.ts'
export { openIdPaths } from './openid.ts'
export { authenticationReviews } from './reviews.ts'
export { secretTokenAuthenticator } from './secret-token.ts'
export { type ServiceAccountAuthenticator, serviceAccountAuthenticator, type TokenViews } from './service-account.ts'
export { staticTokenAuthenticator } from './static-token.ts'
export { parseTokenFile } from './token-file.ts'
export { tokenRequestHandler } from './token-request.ts'
export { createTokenIssuer, type TokenIssuer, type TokenIssuerOptions } from './tokens.ts'
export { webhookTokenAuthenticator } from './webhook.ts'
