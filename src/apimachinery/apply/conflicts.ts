import { applyConflict, type StatusCause, type StatusError } from '../api-errors.ts'
import { difference, type FieldSet, formatPath, isEmptySet, visitMembers } from './field-set.ts'
import type { ManagerEntry } from './managers.ts'

/** Fields that an apply would change though another manager owns them. */
export interface Conflict {
  readonly entry: ManagerEntry
  readonly fields: FieldSet
}

/** Conflicts without the fields that may be taken over silently. */
export const conflictsBeyond = (conflicts: readonly Conflict[], allowed: FieldSet): readonly Conflict[] =>
  conflicts.map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmptySet(fields))

/** Upstream's answer: a message for people, and a cause for each field. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const fields = conflicts
    .map(({ entry, fields }) => ({ manager: describeManager(entry), paths: pathsOf(fields) }))
    .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0))
  const causes: StatusCause[] = fields.flatMap(({ manager, paths }) =>
    paths.map(field => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  )
  const [only] = causes
  if (causes.length === 1 && only) return applyConflict(`Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes)
  const lines = fields.flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map(path => `- ${path}`)])
  return applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes)
}

function pathsOf(fields: FieldSet): readonly string[] {
  const paths: string[] = []
  visitMembers(fields, path => paths.push(formatPath(path)))
  return paths
}

// Appliers are the same in every version, so only updates name one.
function describeManager({ manager, subresource, operation, apiVersion }: ManagerEntry): string {
  const name = JSON.stringify(manager ?? '') + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
