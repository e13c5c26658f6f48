import { parseDuration } from '../codec/time.ts'
import { childrenOf, type Expression } from './ast.ts'
import { compilePattern } from './libraries/pattern.ts'
import { parseTimestamp } from './timestamps.ts'

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  matches: text => typeof compilePattern(text) !== 'string',
  duration: isDuration,
  timestamp: text => parseTimestamp(text) !== undefined,
}

/** Patterns, durations and timestamps that are written out are checked at once, not only when they are reached. */
export function validateLiterals(expression: Expression, report: (at: number, message: string) => void): void {
  if (expression.type === 'call' && Object.hasOwn(checks, expression.function)) {
    const isValid = checks[expression.function]
    const argument = expression.arguments.at(-1)
    if (argument?.type === 'literal' && typeof argument.value === 'string' && !isValid?.(argument.value)) {
      report(argument.at, `invalid ${expression.function} argument`)
    }
  }
  const pattern = expression.type === 'call' && /^find(?:All)?$/.test(expression.function) ? expression.arguments[0] : undefined
  if (pattern?.type === 'literal' && typeof pattern.value === 'string') {
    const problem = compilePattern(pattern.value)
    if (typeof problem === 'string') report(pattern.at, `program instantiation failed: ${problem}`)
  }
  for (const child of childrenOf(expression)) validateLiterals(child, report)
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text)
    return true
  } catch {
    return false
  }
}
