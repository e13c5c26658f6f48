import type { CelType } from './types.ts'

/** What an expression may use, and what it must come to. */
export interface CelEnvironment {
  readonly variables: Readonly<Record<string, CelType>>
  /** The result must have one of these types; dyn fits each. Absent: anything. */
  readonly results?: readonly CelType[]
  /** Named types that expressions may construct, as `Object{spec: Object.spec{}}` of mutations. */
  readonly constructible?: (name: string) => CelType | undefined
}

/** Something wrong with an expression. Line from 1, column from 0, as cel-go counts them. */
export interface CelIssue {
  readonly message: string
  readonly line: number
  readonly column: number
}

export type CelCompilation =
  | { readonly program: CelProgram; readonly issues?: undefined }
  | { readonly program?: undefined; readonly issues: readonly CelIssue[]; readonly source: string }

export interface CelProgram {
  readonly source: string
  readonly resultType: CelType
  /** Does the expression mention this variable? Rules that mention `oldSelf` are transition rules. */
  readonly uses: (variable: string) => boolean
  /** Bindings are decoded JSON, read by the declared types, or values of CEL. Variables without a binding are errors when reached. */
  readonly evaluate: (bindings: Readonly<Record<string, unknown>>, options?: EvaluationOptions) => CelResult
  /** From the sizes that the declared types allow. */
  readonly estimateCost: () => CostEstimate
}

export interface EvaluationOptions {
  /** Where it is reached, evaluation ends with an error. */
  readonly costLimit?: number
}

export type CelResult =
  | { readonly value: unknown; readonly cost: number; readonly error?: undefined }
  | { readonly value?: undefined; readonly cost: number; readonly error: CelError }

export interface CelError {
  /** `no such key: name` */
  readonly message: string
  /** The cost limit ended it: no other rule of the same call should be tried. */
  readonly costExceeded: boolean
}

export interface CostEstimate {
  readonly min: number
  readonly max: number
}

/** What Kubernetes allows expressions to cost. */
export const celLimits = {
  /** Estimated, of one expression of a custom resource's schema. */
  estimatedCostOfExpression: 10_000_000,
  /** Estimated, of all expressions of a CustomResourceDefinition. */
  estimatedCostOfDefinition: 100_000_000,
  /** At run time, of one expression. */
  costOfCall: 1_000_000,
  /** At run time, of all expressions about one object or one policy. */
  costOfObject: 10_000_000,
  /** At run time, of all match conditions of one webhook or policy. */
  costOfMatchConditions: 2_500_000,
} as const
