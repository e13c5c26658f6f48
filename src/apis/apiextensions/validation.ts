import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { each, oneOf, required } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { approvalAnnotation, approvalInvalid, approvalMissing, approvalStateOf, isProtectedGroup } from './approval.ts'
import { caBundleProblem } from './ca-bundle.ts'
import { hasCondition } from './conditions.ts'
import { validateConversion } from './conversion-validation.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from './custom-resource-definition-types.ts'
import { validateNames } from './names-validation.ts'
import { validateStoredVersions, validateVersion, validateVersionSet } from './version-validation.ts'

export function validateCustomResourceDefinition(definition: CustomResourceDefinition): FieldError[] {
  return [
    ...validateDefinitionName(definition),
    ...validateApproval(definition),
    ...validateSpec(definition.spec, 'spec'),
    ...validateStatusNames(definition),
  ]
}

function validateDefinitionName({ metadata: { name = '' }, spec }: CustomResourceDefinition): FieldError[] {
  const wanted = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`
  return name === wanted ? [] : [invalidField('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

function validateApproval(definition: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(definition.spec?.group ?? '')) return []
  const field = `metadata.annotations[${approvalAnnotation}]`
  const approval = approvalStateOf(definition)
  if (approval.state === 'missing') return [requiredField(field, approvalMissing)]
  return approval.state === 'invalid' ? [invalidField(field, approval.text, approvalInvalid)] : []
}

function validateSpec(spec: CustomResourceDefinitionSpec, path: string): FieldError[] {
  const { group, scope, names, versions = [], conversion, preserveUnknownFields } = spec ?? ({} as Partial<CustomResourceDefinitionSpec>)
  return [
    ...validateGroup(group, `${path}.group`),
    ...oneOf(scope, `${path}.scope`, ['Cluster', 'Namespaced']),
    ...validateVersionSet(versions, `${path}.versions`),
    ...each(versions, `${path}.versions`, validateVersion),
    ...(['plural', 'singular', 'kind', 'listKind'] as const).flatMap(name => required(names?.[name], `${path}.names.${name}`)),
    ...validateNames(names ?? {}, `${path}.names`),
    ...validateConversion(conversion, `${path}.conversion`),
    ...(preserveUnknownFields
      ? [
          invalidField(
            `${path}.preserveUnknownFields`,
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ]
}

function validateGroup(group: string | undefined, path: string): FieldError[] {
  if (!group) return [requiredField(path)]
  const problems = validateDnsSubdomain(group)
  if (problems.length > 0) return [invalidField(path, group, problems.join(','))]
  return group.includes('.') ? [] : [invalidField(path, group, 'should be a domain with at least one dot')]
}

const validateStatusNames = ({ status }: CustomResourceDefinition): FieldError[] =>
  validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames')

export function validateCustomResourceDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const { spec, status } = definition
  // Both decide where objects lie in the store.
  const settled = hasCondition(old, 'Established')
    ? [...immutable(spec.scope, old.spec.scope, 'spec.scope'), ...immutable(spec.names.kind, old.spec.names.kind, 'spec.names.kind')]
    : []
  return [
    ...settled,
    ...validateBundleUpdate(definition, old),
    ...immutable(spec.group, old.spec.group, 'spec.group'),
    ...immutable(spec.names.plural, old.spec.names.plural, 'spec.names.plural'),
    ...validateStoredVersions(status?.storedVersions ?? [], spec.versions, 'status.storedVersions'),
  ]
}

/** What works stays working; until then, a definition waits for its authorities. */
function validateBundleUpdate({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const problem = caBundleProblem(spec.conversion)
  if (problem === undefined || !hasCondition(old, 'Established') || caBundleProblem(old.spec.conversion) !== undefined) return []
  return [invalidField('spec.conversion.webhookClientConfig.caBundle', spec.conversion?.webhook?.clientConfig?.caBundle, problem)]
}

export function validateCustomResourceDefinitionStatus(definition: CustomResourceDefinition): FieldError[] {
  const { status, spec } = definition
  return [
    ...validateStatusNames(definition),
    ...validateStoredVersions(status?.storedVersions ?? [], spec.versions, 'status.storedVersions'),
  ]
}
