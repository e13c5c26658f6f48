import { CelFailure, type CelProgram, type CelValue, ObjectValue, objectOf } from '../../../apimachinery/cel/index.ts'
import { type ExpressionScope, problemOf } from '../../../apis/admissionregistration/expressions.ts'
import type { Variable } from '../../../apis/admissionregistration/variable.ts'
import { type Bindings, moreBindings } from '../expressions/bindings.ts'
import type { CostBudget } from '../expressions/budget.ts'

export interface CompiledVariable {
  readonly program: CelProgram | undefined
  readonly problem: string | undefined
}

export type CompiledVariables = ReadonlyMap<string, CompiledVariable>

/** In their order: each may use those before it. */
export const compileVariables = (scope: ExpressionScope, variables: readonly Variable[] = []): CompiledVariables =>
  new Map(
    variables.map(({ name, expression }) => {
      const compilation = scope.declare(name, expression)
      return [name, { program: compilation.program, problem: problemOf(compilation) }]
    }),
  )

/** The bindings with `variables` among them, each evaluated when it is first asked for, at the expense of the same budget. */
export function withVariables(bindings: Bindings, variables: CompiledVariables, budget: CostBudget): Bindings {
  return variables.size === 0 ? bindings : new LazyVariables(bindings, variables, budget).bindings
}

const variablesType = objectOf('kubernetes.variables', {})

class LazyVariables extends ObjectValue {
  override readonly type = variablesType
  readonly bindings: Bindings
  readonly #variables: CompiledVariables
  readonly #budget: CostBudget
  readonly #known = new Map<string, CelValue | CelFailure>()

  constructor(bindings: Bindings, variables: CompiledVariables, budget: CostBudget) {
    super()
    this.#variables = variables
    this.#budget = budget
    this.bindings = moreBindings(bindings, { variables: this })
  }

  override find(name: string): CelValue | undefined {
    const variable = this.#variables.get(name)
    if (!variable) return undefined
    let value = this.#known.get(name)
    if (value === undefined) {
      value = this.#evaluate(name, variable)
      this.#known.set(name, value)
    }
    if (value instanceof CelFailure) throw value
    return value
  }

  override names(): Iterable<string> {
    return this.#variables.keys()
  }

  #evaluate(name: string, { program, problem }: CompiledVariable): CelValue | CelFailure {
    const failed = (what: string, why: string | undefined) =>
      new CelFailure(`composited variable ${JSON.stringify(name)} fails to ${what}: ${why}`)
    if (!program) return failed('compile', problem)
    const { value, error } = this.#budget.evaluate(program, this.bindings)
    return error === undefined ? value : failed('evaluate', error)
  }
}
