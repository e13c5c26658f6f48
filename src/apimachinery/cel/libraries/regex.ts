import { patternSearch, patternSearches } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { ArrayList } from '../values.ts'
import { tooMuch } from './bounds.ts'
import { patternOf } from './pattern.ts'

/** More would be searched for before their cost is counted. */
const mostMatches = 100_000

export const regexLibrary = [
  defineFunction(
    'find',
    ['string.(string) -> string'],
    ([text, pattern], site) => {
      const matcher = patternOf(pattern as string, site).matcher(text as string)
      return matcher.find() ? (matcher.group() ?? '') : ''
    },
    { cost: patternSearch },
  ),
  defineFunction(
    'findAll',
    ['string.(string) -> list(string)', 'string.(string, int) -> list(string)'],
    ([text, pattern, limit], site) => {
      const matcher = patternOf(pattern as string, site).matcher(text as string)
      const most = limit === undefined || (limit as bigint) < 0n ? Number.POSITIVE_INFINITY : Number(limit)
      const found: string[] = []
      while (found.length < most && matcher.find()) {
        if (found.length === mostMatches) throw tooMuch()
        found.push(matcher.group() ?? '')
      }
      return new ArrayList(found)
    },
    { cost: patternSearches },
  ),
]
