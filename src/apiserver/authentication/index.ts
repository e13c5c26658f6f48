/**
 * Who sends a request? Client certificates and service-account tokens (issued and checked here), and the reviews that
 * ask the same through the API. Anonymous requests are told apart by the request's own step.
 */
export { clientCertificateAuthenticator } from './client-certificate.ts'
export { frontProxyAuthenticator } from './front-proxy.ts'
export { openIdPaths } from './openid.ts'
export { authenticationReviews } from './reviews.ts'
export { type ServiceAccountAuthenticator, serviceAccountAuthenticator } from './service-account.ts'
export { staticTokenAuthenticator } from './static-token.ts'
export { tokenRequestHandler } from './token-request.ts'
export { createTokenIssuer, type TokenIssuer, type TokenIssuerOptions } from './tokens.ts'
