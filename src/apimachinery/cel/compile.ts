import type { Expression } from './ast.ts'
import { checkCel } from './checker.ts'
import { estimateCost } from './cost-estimate.ts'
import { CelSyntaxError, issueAt } from './issues.ts'
import { parseCel } from './parser.ts'
import { Frame, planCel } from './plan.ts'
import type { CelCompilation, CelEnvironment, CelProgram, CelResult } from './program.ts'
import { celTypes } from './types.ts'
import { CelFailure } from './values.ts'

/** Reads, checks and plans an expression once, to be evaluated often. */
export function compileCel(source: string, environment: CelEnvironment): CelCompilation {
  const parsed = parse(source)
  if (parsed instanceof CelSyntaxError) return { issues: [issueAt(source, parsed.at, parsed.message)], source }
  const checked = checkCel(source, parsed, environment)
  if (checked.issues.length > 0) return { issues: checked.issues, source }
  const { variables } = environment
  const { step, locals } = planCel(checked, variables)
  const used = new Set(Array.from(checked.references.values(), ({ variable }) => variable))
  const program: CelProgram = {
    source,
    resultType: checked.types.get(parsed) ?? celTypes.dyn,
    uses: variable => used.has(variable),
    evaluate: (bindings, { costLimit = Number.POSITIVE_INFINITY } = {}) => {
      const frame = new Frame(bindings, costLimit, locals)
      try {
        return { value: step(frame), cost: frame.cost }
      } catch (error) {
        return failed(error, frame)
      }
    },
    estimateCost: () => estimateCost(checked, variables),
  }
  return { program }
}

function parse(source: string): Expression | CelSyntaxError {
  try {
    return parseCel(source)
  } catch (error) {
    if (error instanceof CelSyntaxError) return error
    throw error
  }
}

function failed(error: unknown, { cost }: Frame): CelResult {
  if (error instanceof CelFailure) return { error, cost }
  throw error
}
