import {
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
} from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsLabel, validateDnsSubdomain, validateDomainPrefixedPath, validatePathSegmentName } from '../../apimachinery/names.ts'
import { type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { withField } from '../core/sharing.ts'
import { byteLength, invalid, requiredName } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'

export const IngressClassParametersReference = object(
  'io.k8s.api.networking.v1.IngressClassParametersReference',
  'An object with more settings for a class.',
  {
    apiGroup: optional(1, text, 'Group of its kind; empty for the core group.'),
    kind: required(2, text, 'Kind of the object.'),
    name: required(3, text, 'Name of the object.'),
    scope: optional(4, text, 'Cluster (the default) or Namespace.'),
    namespace: optional(5, text, 'Namespace of the object, for scope Namespace.'),
  },
)
export interface IngressClassParametersReference extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = object('io.k8s.api.networking.v1.IngressClassSpec', 'Who serves ingresses of a class.', {
  controller: optional(1, text, 'Name of who serves them, with its domain.'),
  parameters: optional(2, IngressClassParametersReference, 'Object with more settings.'),
})
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}

export const IngressClass = topLevel('io.k8s.api.networking.v1.IngressClass', 'A kind of ingress, and who serves it.', {
  spec: optional(2, IngressClassSpec, 'Who serves ingresses of the class.'),
})
export interface IngressClass extends Infer<typeof IngressClass> {}

export const ingressClassKind: Kind<IngressClass> = defineKind({
  kind: 'IngressClass',
  resource: 'ingressclasses',
  group: 'networking.k8s.io',
  version: 'v1',
  schema: IngressClass,
  scope: 'Cluster',
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'Who serves ingresses of the class.',
      priority: 0,
      cell: ({ spec }: IngressClass) => spec?.controller ?? '',
    },
    { name: 'Parameters', type: 'string', description: 'Object with more settings.', priority: 0, cell: parametersText },
    ageColumn,
  ],
  strategy: {
    applyDefaults: withScope,
    prepareForCreate: one => withGeneration(one, 1),
    prepareForUpdate: (one, old) => countGeneration(one, old),
    validate: ({ spec = {} }) => [
      ...validateController(spec.controller ?? '', 'spec.controller'),
      ...(spec.parameters ? validateParameters(spec.parameters, 'spec.parameters') : []),
    ],
    validateUpdate: ({ spec }, old) => immutable(spec?.controller, old.spec?.controller, 'spec.controller'),
    allowUnconditionalUpdate: true,
  },
})

function parametersText({ spec }: IngressClass): string {
  const { apiGroup, kind, name } = spec?.parameters ?? {}
  if (!kind) return none
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

function withScope(one: IngressClass): IngressClass {
  const parameters = one.spec?.parameters
  if (!parameters || parameters.scope !== undefined) return one
  return withField(one, 'spec', { ...one.spec, parameters: { ...parameters, scope: 'Cluster' } })
}

const longestController = 250

function validateController(controller: string, path: string): FieldError[] {
  if (controller === '') return [requiredField(path)]
  return [
    ...(byteLength(controller) > longestController ? [tooLongField(path, longestController)] : []),
    ...validateDomainPrefixedPath(controller).map(([part, text]) => invalidField(path, part, text)),
  ]
}

function validateParameters({ apiGroup, kind, name, scope, namespace }: IngressClassParametersReference, path: string): FieldError[] {
  return [
    ...(apiGroup === undefined ? [] : invalid(`${path}.apiGroup`, apiGroup, validateDnsSubdomain(apiGroup))),
    ...requiredName(kind, `${path}.kind`, validatePathSegmentName),
    ...requiredName(name, `${path}.name`, validatePathSegmentName),
    ...validateScope(scope, namespace, path),
  ]
}

function validateScope(scope: string | undefined, namespace: string | undefined, path: string): FieldError[] {
  const at = `${path}.namespace`
  switch (scope) {
    case undefined:
      return [requiredField(`${path}.scope`)]
    case 'Cluster':
      return namespace === undefined ? [] : [forbiddenField(at, "`parameters.scope` is set to 'Cluster'")]
    case 'Namespace':
      if (namespace === undefined) return [requiredField(at, "`parameters.scope` is set to 'Namespace'")]
      return invalid(at, namespace, validateDnsLabel(namespace))
    default:
      return [unsupportedField(`${path}.scope`, scope, ['Cluster', 'Namespace'])]
  }
}
