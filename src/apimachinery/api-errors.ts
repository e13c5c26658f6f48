import type { FieldError } from './field-error.ts'

/**
 * Every error that the API answers, by named constructors with upstream's reasons, codes and message shapes.
 * Clients branch on `reason` and `code`; people read `message`.
 */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string; readonly resourceVersion?: string }
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export class StatusError extends Error {
  readonly status: Status
  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'request failed', options)
    this.name = 'StatusError'
    this.status = status
  }
  get code(): number {
    return this.status.code ?? 500
  }
  get reason(): string {
    return this.status.reason ?? 'Unknown'
  }
}

/** What an error is about: `{ group: 'apps', resource: 'deployments' }`, as in `deployments.apps "web" not found`. */
export interface GroupResource {
  readonly group: string
  readonly resource: string
}

export const formatGroupResource = ({ group, resource }: GroupResource): string => (group ? `${resource}.${group}` : resource)

export const isStatusError = (error: unknown, reason: string): error is StatusError =>
  error instanceof StatusError && error.reason === reason
export const isNotFound = (error: unknown): error is StatusError => isStatusError(error, 'NotFound')
export const isConflict = (error: unknown): error is StatusError => isStatusError(error, 'Conflict')
export const isAlreadyExists = (error: unknown): error is StatusError => isStatusError(error, 'AlreadyExists')

const failure = (code: number, reason: string, message: string, details?: StatusDetails): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code })

// In details, `kind` holds the resource's name: so upstream answers, and clients print it.
const about = (resource: GroupResource, name: string, rest?: Partial<StatusDetails>): StatusDetails => ({
  ...(name && { name }),
  ...(resource.group && { group: resource.group }),
  ...(resource.resource && { kind: resource.resource }),
  ...rest,
})

export const notFound = (resource: GroupResource, name: string): StatusError =>
  failure(404, 'NotFound', `${formatGroupResource(resource)} ${JSON.stringify(name)} not found`, about(resource, name))

/** For paths and resources that are not served. */
export const pathNotFound = (): StatusError => failure(404, 'NotFound', 'the server could not find the requested resource', {})

export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  failure(409, 'AlreadyExists', `${formatGroupResource(resource)} ${JSON.stringify(name)} already exists`, about(resource, name))

export const conflict = (resource: GroupResource, name: string, detail: string): StatusError =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${formatGroupResource(resource)} ${JSON.stringify(name)}: ${detail}`,
    about(resource, name),
  )

/** The text that clients of optimistic concurrency know. */
export const modifiedConflict = (resource: GroupResource, name: string): StatusError =>
  conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again')

/** Conflicts of server-side apply; a cause for each field. */
export const applyConflict = (message: string, causes: readonly StatusCause[]): StatusError => failure(409, 'Conflict', message, { causes })

export const gone = (message: string): StatusError => failure(410, 'Gone', message)
export const expired = (message: string, continueToken?: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: continueToken === undefined ? {} : { continue: continueToken },
    status: 'Failure',
    message,
    reason: 'Expired',
    code: 410,
  })

/** `kind` is the kind's name here, `Deployment`, not the resource. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map(error => `${error.field}: ${error.message}`)
  const qualified = group ? `${kind}.${group}` : kind
  const detail = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const causes = errors.map(error => ({ reason: error.type, message: error.message, field: error.field }))
  return failure(422, 'Invalid', `${qualified} ${JSON.stringify(name)} is invalid: ${detail}`, {
    ...(name && { name }),
    ...(group && { group }),
    kind,
    causes,
  })
}

export const badRequest = (message: string): StatusError => failure(400, 'BadRequest', message)
export const unauthorized = (): StatusError => failure(401, 'Unauthorized', 'Unauthorized')
export const forbidden = (resource: GroupResource, name: string, message: string): StatusError =>
  failure(
    403,
    'Forbidden',
    resource.resource
      ? `${formatGroupResource(resource)}${name ? ` ${JSON.stringify(name)}` : ''} is forbidden: ${message}`
      : `forbidden: ${message}`,
    about(resource, name),
  )
export const methodNotAllowed = (resource: GroupResource, verb: string): StatusError =>
  failure(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind ${JSON.stringify(formatGroupResource(resource))}`,
    about(resource, ''),
  )
export const notAcceptable = (supported: readonly string[]): StatusError =>
  failure(406, 'NotAcceptable', `only the following media types are accepted: ${supported.join(', ')}`)
export const unsupportedMediaType = (supported: readonly string[]): StatusError =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`,
  )
export const requestTooLarge = (message: string): StatusError => failure(413, 'RequestEntityTooLarge', message)
export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  failure(429, 'TooManyRequests', message, { retryAfterSeconds })
export const timeout = (message: string, retryAfterSeconds = 0): StatusError =>
  failure(504, 'Timeout', `Timeout: ${message}`, retryAfterSeconds ? { retryAfterSeconds } : undefined)
export const serverTimeout = (resource: GroupResource, verb: string, retryAfterSeconds = 1): StatusError =>
  failure(
    500,
    'ServerTimeout',
    `The ${verb} operation against ${formatGroupResource(resource)} could not be completed at this time, please try again.`,
    about(resource, verb, { retryAfterSeconds }),
  )
export const serviceUnavailable = (message: string): StatusError => failure(503, 'ServiceUnavailable', message)
export const internalError = (cause: unknown): StatusError => {
  const text = cause instanceof Error ? cause.message : String(cause)
  return failure(500, 'InternalError', `Internal error occurred: ${text}`, { causes: [{ message: text }] })
}
/** The storage refused a write, a full disk for example. */
export const storageFailure = (message: string): StatusError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
