/** The query parameters of each action, as the API conventions have them. */
export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly type: 'string' | 'integer' | 'boolean'
  readonly description: string
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({ name, in: 'query', type, description })

export const pretty = query('pretty', 'string', 'If true, the answer is indented.')

const dryRun = query('dryRun', 'string', 'With All, everything is checked and nothing is stored.')
const fieldManager = query('fieldManager', 'string', 'Who makes the change, as recorded in managedFields.')
const fieldValidation = query('fieldValidation', 'string', 'What happens to unknown and duplicate fields: Ignore, Warn or Strict.')
const force = query('force', 'boolean', 'Lets an apply take over fields that others own.')
const continueToken = query('continue', 'string', 'Token of the last chunk of a list, to get the next one.')
const limit = query('limit', 'integer', 'At most so many objects are returned.')
const selectors = [
  query('fieldSelector', 'string', 'Only objects whose fields match.'),
  query('labelSelector', 'string', 'Only objects whose labels match.'),
]
const atRevision = [
  query('resourceVersion', 'string', 'The resource version that the answer may not be older than, or must have.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: NotOlderThan or Exact.'),
]
const watching = [
  query('allowWatchBookmarks', 'boolean', 'Lets a watch send bookmarks.'),
  query('sendInitialEvents', 'boolean', 'Lets a watch begin with all objects that exist.'),
  query('timeoutSeconds', 'integer', 'Ends the request after so many seconds.'),
  query('watch', 'boolean', 'Watches for changes instead of listing.'),
]
const deleting = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds to end gracefully; 0 deletes at once.'),
  query('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'Deletes objects that can no longer be read.'),
  query('orphanDependents', 'boolean', 'Deprecated; use propagationPolicy.'),
  query('propagationPolicy', 'string', 'What happens to dependents: Orphan, Background or Foreground.'),
]

export const listParameters: readonly Parameter[] = [continueToken, ...selectors, limit, ...atRevision, ...watching]
export const createParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation]
export const replaceParameters = createParameters
export const patchParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation, force]
export const deleteParameters: readonly Parameter[] = deleting
export const deleteCollectionParameters: readonly Parameter[] = [...deleting, continueToken, ...selectors, limit, ...atRevision]

const streamParameters = [
  query('container', 'string', 'The container; the only one by default.'),
  query('stderr', 'boolean', 'Whether its errors are sent.'),
  query('stdin', 'boolean', 'Whether input is sent to it.'),
  query('stdout', 'boolean', 'Whether its output is sent.'),
  query('tty', 'boolean', 'Whether it is given a terminal.'),
]
const proxyParameters = [query('path', 'string', 'The path that is asked for, below the one that is proxied.')]

/** Of subresources that are connected to, the fields of their options. */
export const connectParameters: Readonly<Record<string, readonly Parameter[]>> = {
  attach: streamParameters,
  exec: [query('command', 'string', 'The command, part by part.'), ...streamParameters],
  portforward: [query('ports', 'integer', 'Ports that are forwarded.')],
  proxy: proxyParameters,
}

export const pathParameter: Parameter = { name: 'path', in: 'path', type: 'string', description: 'Path below the one that is proxied.' }

export const namespaceParameter: Parameter = { name: 'namespace', in: 'path', type: 'string', description: 'Namespace of the object.' }
export const nameParameter = (kind: string): Parameter => ({
  name: 'name',
  in: 'path',
  type: 'string',
  description: `Name of the ${kind}.`,
})
