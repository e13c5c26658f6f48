import { patternSearch } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { ArrayList } from '../values.ts'
import { patternOf } from './pattern.ts'

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
      while (found.length < most && matcher.find()) found.push(matcher.group() ?? '')
      return new ArrayList(found)
    },
    { cost: patternSearch },
  ),
]
