import { type CelType, celTypeOf, formatIssues } from '../../apimachinery/cel/index.ts'
import type { Kind, ServedVersion } from '../../apimachinery/kind.ts'
import { parseGroupVersion } from '../../apimachinery/meta.ts'
import { type ExpressionScope, expressionScope } from '../../apis/admissionregistration/expressions.ts'
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from '../../apis/admissionregistration/validating-admission-policy.ts'

interface TypedKind {
  /** `apps/v1, Kind=Deployment` */
  readonly name: string
  readonly type: CelType
}

const mostKinds = 10

/**
 * What is wrong with the expressions of a policy if its objects have the types of the kinds that its rules name. Rules
 * with stars name none, and kinds that are not served are not checked.
 */
export function checkTypes({ spec = {} }: ValidatingAdmissionPolicy, kinds: readonly Kind[]): readonly ExpressionWarning[] {
  const objects = kindsOfRules(spec, kinds)
  const params = paramsType(spec, kinds)
  // Variables are compiled once for each kind, not for each expression.
  const scopes = objects.map(({ name, type }) => ({ name, scope: scopeFor(spec, type, params) }))
  const check = (fieldRef: string, expression: string | undefined): readonly ExpressionWarning[] => {
    if (!expression) return []
    const texts = scopes.flatMap(({ name, scope }) => {
      const { issues } = scope.compile(expression)
      return issues ? [`${name}: ${formatIssues(expression, issues)}\n`] : []
    })
    return texts.length === 0 ? [] : [{ fieldRef, warning: texts.join('\n') }]
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...check(`spec.validations[${index}].expression`, expression),
    ...check(`spec.validations[${index}].messageExpression`, messageExpression),
  ])
}

function scopeFor(spec: ValidatingAdmissionPolicySpec, object: CelType, params: CelType | undefined): ExpressionScope {
  const scope = expressionScope({ hasParams: params !== undefined, hasAuthorizer: true, object, params })
  for (const variable of spec.variables ?? []) scope.declare(variable.name, variable.expression)
  return scope
}

function kindsOfRules({ matchConstraints }: ValidatingAdmissionPolicySpec, kinds: readonly Kind[]): readonly TypedKind[] {
  const found = new Map<string, TypedKind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    if (apiGroups.includes('*') || apiVersions.includes('*')) continue
    const named = resources.filter(resource => !/[*/]/.test(resource))
    for (const kind of kinds) {
      if (!named.includes(kind.resource)) continue
      for (const served of kind.served) {
        if (!apiGroups.includes(served.group) || !apiVersions.includes(served.version)) continue
        const typed = typedKind(kind, served)
        if (typed) found.set(typed.name, typed)
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, mostKinds)
}

function typedKind({ kind }: Kind, { group, version, schema }: ServedVersion): TypedKind | undefined {
  const type = celTypeOf(schema, { name: kind })
  return type && { name: `${group}/${version}, Kind=${kind}`, type }
}

/** Dynamic where the policy has parameters of a kind that is not served. */
function paramsType({ paramKind }: ValidatingAdmissionPolicySpec, kinds: readonly Kind[]): CelType | undefined {
  if (!paramKind) return undefined
  const { group, version } = parseGroupVersion(paramKind.apiVersion ?? '')
  const kind = kinds.find(one => one.kind === paramKind.kind)
  const served = kind?.served.find(one => one.group === group && one.version === version)
  return (kind && served && typedKind(kind, served)?.type) ?? { kind: 'dyn' }
}
