import { type FieldError, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateCanonicalIp, validateDnsSubdomain, validatePathSegmentName } from '../../apimachinery/names.ts'
import { type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { optionalName, requiredName } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'

export const ParentReference = object('io.k8s.api.networking.v1.ParentReference', 'The object that has an address.', {
  group: optional(1, text, "Group of the object's resource."),
  resource: required(2, text, 'Resource of the object, such as services.'),
  namespace: optional(3, text, 'Namespace of the object.'),
  name: required(4, text, 'Name of the object.'),
})
export interface ParentReference extends Infer<typeof ParentReference> {}

export const IPAddressSpec = object('io.k8s.api.networking.v1.IPAddressSpec', 'Whose address it is.', {
  parentRef: required(1, ParentReference, 'The object that has the address.'),
})
export interface IPAddressSpec extends Infer<typeof IPAddressSpec> {}

export const IPAddress = topLevel('io.k8s.api.networking.v1.IPAddress', 'One address that is taken; it is named after the address.', {
  spec: required(2, IPAddressSpec, 'Whose address it is.'),
})
export interface IPAddress extends Infer<typeof IPAddress> {}

export const ipAddressKind: Kind<IPAddress> = defineKind({
  kind: 'IPAddress',
  resource: 'ipaddresses',
  group: 'networking.k8s.io',
  version: 'v1',
  schema: IPAddress,
  scope: 'Cluster',
  shortNames: ['ip'],
  columns: [
    nameColumn,
    { name: 'ParentRef', type: 'string', description: 'The object that has the address.', priority: 0, cell: parentText },
    ageColumn,
  ],
  strategy: {
    validate: ({ spec }) => (spec?.parentRef ? validateParent(spec.parentRef, 'spec.parentRef') : [requiredField('spec.parentRef')]),
    validateUpdate: ({ spec }, old) => immutable(spec?.parentRef, old.spec?.parentRef, 'spec.parentRef'),
    allowUnconditionalUpdate: true,
    validateName: name => validateCanonicalIp(name),
  },
})

/** `services/default/web` */
function parentText({ spec }: IPAddress): string {
  if (!spec?.parentRef) return none
  const { group, resource, namespace, name } = spec.parentRef
  return [(group ? `${resource}.${group}` : resource).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/')
}

const validateParent = ({ group, resource, name, namespace }: ParentReference, path: string): FieldError[] => [
  ...optionalName(group, `${path}.group`, validateDnsSubdomain),
  ...requiredName(resource, `${path}.resource`, validatePathSegmentName),
  ...requiredName(name, `${path}.name`, validatePathSegmentName),
  ...optionalName(namespace, `${path}.namespace`, validatePathSegmentName),
]
