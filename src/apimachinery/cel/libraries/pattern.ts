import { RE2JS } from 're2js'
import type { CallSite } from '../functions.ts'
import { CelFailure } from '../values.ts'

/** A regular expression in linear time, compiled once for each place that uses it while its text stays the same. */
export function patternOf(text: string, site: CallSite): RE2JS {
  if (site.memo?.key === text) return site.memo.value as RE2JS
  const value = compilePattern(text)
  if (typeof value === 'string') throw new CelFailure(value)
  site.memo = { key: text, value }
  return value
}

/** The pattern, or why it is none. */
export function compilePattern(text: string): RE2JS | string {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    return (error as Error).message
  }
}
