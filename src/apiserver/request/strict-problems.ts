import { formatPath } from '../../apimachinery/codec/index.ts'

/** What stands twice in a body: a path in JSON, a line in YAML, which is reported before anything is decoded. */
export type Repetition = { readonly path: string } | { readonly line: string }

export interface StrictProblems {
  readonly lines: readonly string[]
  readonly fields: readonly string[]
}

/** As one sentence, for who refuses. */
export const describeProblems = ({ lines, fields }: StrictProblems): string =>
  [...(lines.length > 0 ? [`yaml: unmarshal errors:\n  ${lines.join('\n  ')}`] : []), ...fields].join(', ')

/**
 * What strict decoding says about a body, in upstream's order. Typed objects are decoded as they are read, so unknown and
 * repeated fields come as they stand in the document, and nothing is told of what is inside an unknown field. Custom objects
 * are read first and looked at later, so repeated fields come first.
 */
export function strictProblems(
  repetitions: readonly Repetition[],
  unknown: readonly string[],
  value: unknown,
  typed: boolean,
): StrictProblems {
  const lines = repetitions.flatMap(one => ('line' in one ? [one.line] : []))
  const paths = [...new Set(repetitions.flatMap(one => ('path' in one ? [one.path] : [])))]
  const repeated = typed ? paths.filter(path => !unknown.some(one => isWithin(path, one))) : paths
  const told = [
    ...repeated.map(path => ({ path, text: `duplicate field ${JSON.stringify(path)}` })),
    ...unknown.map(path => ({ path, text: `unknown field ${JSON.stringify(path)}` })),
  ]
  if (typed && repeated.length > 0 && unknown.length > 0) {
    const places = placesOf(value, new Set(told.map(({ path }) => path)))
    told.sort((left, right) => (places.get(left.path) ?? 0) - (places.get(right.path) ?? 0))
  }
  return { lines, fields: told.map(({ text }) => text) }
}

const isWithin = (path: string, outer: string): boolean =>
  path.startsWith(outer) && (path.length === outer.length || path[outer.length] === '.' || path[outer.length] === '[')

/** Where each path stands among the fields of the document, counted as they come. */
function placesOf(value: unknown, wanted: ReadonlySet<string>): Map<string, number> {
  const places = new Map<string, number>()
  let count = 0
  const walk = (at: unknown, path: readonly (string | number)[]): void => {
    const text = formatPath(path)
    if (wanted.has(text)) places.set(text, count)
    count++
    if (Array.isArray(at)) for (const [index, item] of at.entries()) walk(item, [...path, index])
    else if (typeof at === 'object' && at !== null) for (const [key, item] of Object.entries(at)) walk(item, [...path, key])
  }
  walk(value, [])
  return places
}
