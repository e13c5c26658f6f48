/**
 * OpenAPI v2 and v3 derived from kinds, for `kubectl explain`, client-side validation, apply and generated clients.
 * In go kinds, built-in and custom alike; out come plain documents, to be sent as JSON, or v2 in gnostic's protobuf.
 * It describes what the schemas say and decides nothing: whatever is enforced is enforced elsewhere.
 */
export { APIResourceList, Status, WatchEvent } from './common-types.ts'
export { type OpenApiDocument, openApiHash } from './document.ts'
export { encodeOpenApiV2Protobuf } from './gnostic.ts'
export { openApiV2 } from './version-2.ts'
export { openApiV3, openApiV3Roots } from './version-3.ts'
