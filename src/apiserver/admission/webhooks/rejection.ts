import { badRequest, internalError, type Status, StatusError } from '../../../apimachinery/api-errors.ts'

/** What a webhook says no with, passed on as it was meant: with its code, reason and details. */
export function rejectedBy(name: string, given: Readonly<Record<string, unknown>>): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`
  const { code, message, reason, details, metadata } = given
  const explanation = isText(message) ? `: ${message}` : isText(reason) ? `: ${reason}` : ' without explanation'
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: isObject(metadata) ? (metadata as Status['metadata']) : {},
    status: 'Failure',
    message: denied + explanation,
    ...(isText(reason) && { reason }),
    ...(isObject(details) && { details }),
    // A refusal is never answered with a code of success.
    code: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599 ? code : 400,
  })
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

export const dryRunUnsupported = (name: string): StatusError =>
  badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`)

export const cannotModify = (name: string): StatusError =>
  internalError(`admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`)

/** A webhook that could not be asked, or whose answer does not count; its failure policy decides what follows. */
export class WebhookFailure extends Error {
  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`failed calling webhook ${JSON.stringify(name)}: ${reason}`, options)
    this.name = 'WebhookFailure'
  }
}
