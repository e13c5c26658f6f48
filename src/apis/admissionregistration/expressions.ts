import {
  authorizerType,
  type CelCompilation,
  type CelType,
  celTypeOf,
  celTypes,
  compileCel,
  formatIssues,
  listOf,
  mapOf,
  objectOf,
  resourceCheckType,
} from '../../apimachinery/cel/index.ts'
import { Namespace } from '../core/namespace.ts'

/** What expressions of policies and match conditions are about. */
export interface ExpressionSetting {
  readonly hasParams: boolean
  readonly hasAuthorizer: boolean
  /** Where types are known: those of the objects and of the parameters. Dynamic otherwise. */
  readonly object?: CelType
  readonly params?: CelType
}

const { string, bool, dyn } = celTypes
const kindType = objectOf('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const resourceType = objectOf('kubernetes.GroupVersionResource', { group: string, version: string, resource: string })

const userInfoType = objectOf('kubernetes.UserInfo', {
  username: string,
  uid: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
})

const requestType = objectOf('kubernetes.AdmissionRequest', {
  kind: kindType,
  resource: resourceType,
  subResource: string,
  requestKind: kindType,
  requestResource: resourceType,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo: userInfoType,
  dryRun: bool,
  options: dyn,
})

const namespaceType = celTypeOf(Namespace, { name: 'kubernetes.Namespace' }) ?? dyn

/** Variables of a policy are fields of `variables`, each with the type of its expression. */
export interface ExpressionScope {
  /** `results`: what it must come to; anything where absent. */
  readonly compile: (expression: string, results?: readonly CelType[], options?: CompileOptions) => CelCompilation
  /** Compiles a variable, which later expressions may use. */
  readonly declare: (name: string, expression: string) => CelCompilation
}

export interface CompileOptions {
  readonly withoutAuthorizer?: boolean
  /** Objects that the expression may make. */
  readonly constructible?: (name: string) => CelType | undefined
}

export function expressionScope({ hasParams, hasAuthorizer, object = dyn, params = dyn }: ExpressionSetting): ExpressionScope {
  const declared: Record<string, CelType> = {}
  let hasVariables = false
  const known = {
    object,
    oldObject: object,
    request: requestType,
    namespaceObject: namespaceType,
    ...(hasParams && { params }),
  }
  const authorizers = { authorizer: authorizerType, 'authorizer.requestResource': resourceCheckType }
  const compile: ExpressionScope['compile'] = (expression, results, { withoutAuthorizer, constructible } = {}) =>
    compileCel(expression, {
      variables: {
        ...known,
        ...(hasAuthorizer && !withoutAuthorizer && authorizers),
        ...(hasVariables && { variables: objectOf('kubernetes.variables', declared) }),
      },
      results,
      constructible,
    })
  return {
    compile,
    declare(name, expression) {
      const compilation = compile(expression)
      hasVariables = true
      declared[name] = compilation.program?.resultType ?? dyn
      return compilation
    },
  }
}

/** What is wrong with an expression, in upstream's words; undefined where nothing is. */
export function problemOf(compilation: CelCompilation): string | undefined {
  if (!compilation.issues) return undefined
  const text = formatIssues(compilation.source, compilation.issues)
  return compilation.issues[0]?.line === 0 ? text : `compilation failed: ${text}`
}

/** For match conditions, which know no variables. */
export const conditionProblem = (expression: string, hasParams: boolean): string | undefined =>
  problemOf(expressionScope({ hasParams, hasAuthorizer: true }).compile(expression, [bool]))
