/**
 * The Common Expression Language as Kubernetes v1.36 speaks it: text and an environment of typed variables in, a program
 * or issues out; decoded JSON in, a value or an error out. Everything here is pure: no clock, no cluster, and nothing that
 * an expression does can take longer than its cost limit allows.
 */
export { compileCel } from './compile.ts'
export { escapeFieldName, unescapeFieldName } from './field-names.ts'
export { formatIssues } from './issues.ts'
export { toCel, toJson } from './json-values.ts'
export {
  type AskAuthorizer,
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  authorizerType,
  authorizerValue,
  resourceCheckType,
  resourceCheckValue,
} from './libraries/authorizer.ts'
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
export { celTypeOf, type SchemaTypeOptions } from './schema-type.ts'
export { mostOccurrences } from './sizes.ts'
export { type CelField, type CelType, celTypes, formatType, listOf, mapOf, type ObjectType, objectOf, optionalOf } from './types.ts'
export { CelFailure, type CelValue, ListValue, MapValue, ObjectValue, OptionalValue } from './values.ts'
