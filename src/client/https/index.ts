export { type HttpsConnectionOptions, httpsConnection } from './connection.ts'
export { ConnectionError } from './session.ts'
