/**
 * The Common Expression Language as Kubernetes v1.36 speaks it: text and an environment of typed variables in, a program
 * or issues out; decoded JSON in, a value or an error out. Everything here is pure: no clock, no cluster, and nothing that
 * an expression does can take longer than its cost limit allows.
 */
export {
  type CelCompilation,
  type CelEnvironment,
  type CelError,
  type CelIssue,
  type CelProgram,
  type CelResult,
  type CostEstimate,
  celLimits,
  type EvaluationOptions,
} from './program.ts'
export { type CelField, type CelType, celTypes, formatType, listOf, mapOf, type ObjectType, objectOf, optionalOf } from './types.ts'
