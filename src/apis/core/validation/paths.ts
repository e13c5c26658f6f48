import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'

/** Relative, and never upwards. */
export function validateLocalDescendingPath(target: string, path: string): FieldError[] {
  const absolute = target.startsWith('/') ? [invalidField(path, target, 'must be a relative path')] : []
  return [...absolute, ...validateNoBacksteps(target, path)]
}

export const validateNoBacksteps = (target: string, path: string): FieldError[] =>
  target.split('/').includes('..') ? [invalidField(path, target, "must not contain '..'")] : []

/** Also not one of the names that the atomic writer of volumes keeps for itself. */
export function validateLocalNonReservedPath(target: string, path: string): FieldError[] {
  const errors = validateLocalDescendingPath(target, path)
  // `..` and `../x` have been told off already.
  const reserved = target.startsWith('..') && !target.startsWith('../')
  return reserved ? [...errors, invalidField(path, target, "must not start with '..'")] : errors
}
