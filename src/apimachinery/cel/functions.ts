import type { CostModel } from './function-cost.ts'
import { type Signature, signature } from './signature.ts'
import type { CelValue } from './values.ts'

/** What a function may keep for one place in an expression: a compiled pattern, say. */
export interface CallSite {
  memo?: { readonly key: unknown; readonly value: unknown }
}

/** Computes one call. Arguments already have the types of one of the signatures; throws a CelFailure where there is no value. */
export type Implementation = (args: readonly CelValue[], site: CallSite) => CelValue

export interface CelFunction {
  readonly name: string
  readonly signatures: readonly Signature[]
  readonly evaluate: Implementation
  /** One unit where absent. */
  readonly cost?: CostModel
}

export interface FunctionOptions {
  readonly cost?: CostModel
}

/** `defineFunction('size', ['(string) -> int', 'string.() -> int'], ([text]) => ...)` */
export const defineFunction = (
  name: string,
  signatures: readonly string[],
  evaluate: Implementation,
  options: FunctionOptions = {},
): CelFunction => ({ name, signatures: signatures.map(signature), evaluate, ...options })
