import { semanticEqual } from '../sharing.ts'

const mostLines = 40

/** What differs between two values, a line for each old and new part: `-spec.hostname: "a"`, `+spec.hostname: "b"`. */
export function describeDifference(before: unknown, now: unknown, path: string): string {
  const lines = differences(before, now, path)
  return lines.length > mostLines
    ? [...lines.slice(0, mostLines), `... ${lines.length - mostLines} more lines`].join('\n')
    : lines.join('\n')
}

function differences(before: unknown, now: unknown, path: string): string[] {
  if (semanticEqual(before, now)) return []
  if (Array.isArray(before) && Array.isArray(now)) {
    const indexes = Array.from({ length: Math.max(before.length, now.length) }, (_, index) => index)
    return indexes.flatMap(index => differences(before[index], now[index], `${path}[${index}]`))
  }
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    return keys.flatMap(key => differences(before[key], now[key], `${path}.${key}`))
  }
  const line = (sign: string, value: unknown) => (value === undefined ? [] : [`${sign}${path}: ${JSON.stringify(value)}`])
  return [...line('-', before), ...line('+', now)]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
