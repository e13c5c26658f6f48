import { type CelProgram, type CelValue, celLimits } from '../../../apimachinery/cel/index.ts'
import type { Bindings } from './bindings.ts'

/** Nothing more is evaluated for this request. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
    this.name = 'OutOfBudget'
  }
}

export type Outcome = { readonly value: CelValue; readonly error?: undefined } | { readonly value?: undefined; readonly error: string }

/** What the expressions of one policy may cost together for one request. */
export class CostBudget {
  #remaining: number
  constructor(cost: number) {
    this.#remaining = cost
  }

  /** Throws `OutOfBudget` where the expressions have cost too much together. */
  evaluate(program: CelProgram, bindings: Bindings): Outcome {
    const { value, cost, error } = program.evaluate(bindings, { costLimit: celLimits.costOfCall })
    if (cost > this.#remaining) throw new OutOfBudget()
    this.#remaining -= cost
    return error ? { error: error.message } : { value: value as CelValue }
  }
}

export const failedExpression = (expression: string, error: string): string => `expression '${expression}' resulted in error: ${error}`
