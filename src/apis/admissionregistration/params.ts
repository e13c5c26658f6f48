import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { LabelSelector, parseGroupVersion } from '../../apimachinery/meta.ts'
import { validateDns1035Label, validateDnsSubdomain, validatePathSegmentName } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { type Infer, object, optional, text } from '../../apimachinery/schema.ts'
import { invalid } from '../core/validation/rules.ts'

export const ParamKind = object(
  'io.k8s.api.admissionregistration.v1.ParamKind',
  'The kind of the objects that hold parameters of a policy.',
  {
    apiVersion: optional(1, text, 'Group and version of the kind.'),
    kind: optional(2, text, 'Name of the kind.'),
  },
  { mapType: 'atomic' },
)
export interface ParamKind extends Infer<typeof ParamKind> {}

export const ParamRef = object(
  'io.k8s.api.admissionregistration.v1.ParamRef',
  'Which objects hold the parameters: by name or by labels.',
  {
    name: optional(1, text, 'Name of the object; either this or a selector.'),
    namespace: optional(2, text, 'Namespace of the objects; that of the request by default. Not for kinds of the cluster.'),
    selector: optional(3, LabelSelector, 'Labels of the objects; the policy is carried out with each of them.'),
    parameterNotFoundAction: optional(4, text, 'Allow or Deny: what happens where there are none.'),
  },
  { mapType: 'atomic' },
)
export interface ParamRef extends Infer<typeof ParamRef> {}

export function validateParamKind(given: ParamKind | undefined, path: string): FieldError[] {
  if (!given) return []
  return [...validateApiVersion(given.apiVersion, `${path}.apiVersion`), ...validateKindName(given.kind, `${path}.kind`)]
}

function validateApiVersion(apiVersion: string | undefined, path: string): FieldError[] {
  if (!apiVersion) return [requiredField(path)]
  if (apiVersion.split('/').length > 2) return [invalidField(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const { group, version } = parseGroupVersion(apiVersion)
  const joined = (value: string, problems: readonly string[]): FieldError[] =>
    problems.length === 0 ? [] : [invalidField(path, value, problems.join(','))]
  return [
    ...(group === '' ? [] : joined(group, validateDnsSubdomain(group))),
    ...(version === '' ? [invalidField(path, apiVersion, 'version must be specified')] : joined(version, validateDns1035Label(version))),
  ]
}

function validateKindName(kind: string | undefined, path: string): FieldError[] {
  if (!kind) return [requiredField(path)]
  const problems = validateDns1035Label(kind.toLowerCase())
  if (problems.length === 0) return []
  return [invalidField(path, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`)]
}

const exclusive = 'name and selector are mutually exclusive'
const notFoundActions = ['Deny', 'Allow']

export function validateParamRef(given: ParamRef | undefined, path: string): FieldError[] {
  if (!given) return []
  const { name, selector, parameterNotFoundAction: action } = given
  return [
    ...(name ? invalid(`${path}.name`, name, validatePathSegmentName(name)) : []),
    ...(name && selector ? [forbiddenField(`${path}.name`, exclusive)] : []),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...(name && selector ? [forbiddenField(`${path}.selector`, exclusive)] : []),
    ...(name || selector ? [] : [requiredField(path, 'one of name or selector must be specified')]),
    ...(action ? [] : [requiredField(`${path}.parameterNotFoundAction`)]),
    ...(action && !notFoundActions.includes(action) ? [unsupportedField(`${path}.parameterNotFoundAction`, action, notFoundActions)] : []),
  ]
}
