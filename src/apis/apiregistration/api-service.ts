import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import {
  asNameRule,
  validateDns1035Label,
  validateDnsSubdomain,
  validatePathSegmentName,
  validatePortNumber,
} from '../../apimachinery/names.ts'
import { boolean, type Infer, int32, keyedList, object, optional, required, type Schema, text, time } from '../../apimachinery/schema.ts'
import { each, invalid, oneOf, required as requiredValue } from '../core/validation/rules.ts'
import { keepMetadata, keepStatus, statusSubresource } from '../strategy.ts'

const prefix = 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1'

export const ApiServiceReference = object(`${prefix}.ServiceReference`, 'A service that answers for a group and version.', {
  namespace: optional(1, text, 'Namespace of the service.'),
  name: optional(2, text, 'Name of the service.'),
  port: optional(3, int32, 'Port of the service, 443 by default.'),
})
export interface ApiServiceReference extends Infer<typeof ApiServiceReference> {}

/** Upstream gives these bytes the topology of a list. */
const caBundle: Schema<string> = { type: 'scalar', scalar: 'bytes', constraints: { 'x-kubernetes-list-type': 'atomic' } }

export const ApiServiceSpec = object(`${prefix}.APIServiceSpec`, 'Who answers for a group and version.', {
  service: optional(1, ApiServiceReference, 'The service that answers; absent where the API server does it itself.'),
  group: optional(2, text, 'The API group.'),
  version: optional(3, text, 'Its version.'),
  insecureSkipTLSVerify: optional(4, boolean, "Whether the service's certificate is not checked; better give a caBundle."),
  caBundle: optional(5, caBundle, "PEM of who signed the service's certificate; the system's authorities by default."),
  groupPriorityMinimum: required(7, int32, 'Groups with greater numbers come first, 1 to 20000; the greatest of a group counts.'),
  versionPriority: required(8, int32, 'Versions with greater numbers come first in their group, 1 to 1000.'),
})
export interface ApiServiceSpec extends Infer<typeof ApiServiceSpec> {}

export const ApiServiceCondition = object(`${prefix}.APIServiceCondition`, 'One aspect of the state of an API service.', {
  type: required(1, text, 'Available.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status changed last.'),
  reason: optional(4, text, 'Why, in a CamelCase word.'),
  message: optional(5, text, 'Why, for people.'),
})
export interface ApiServiceCondition extends Infer<typeof ApiServiceCondition> {}

export const ApiServiceStatus = object(`${prefix}.APIServiceStatus`, 'State of an API service.', {
  conditions: optional(1, keyedList(ApiServiceCondition, 'type'), 'The aspects of its state.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export interface ApiServiceStatus extends Infer<typeof ApiServiceStatus> {}

export const ApiService = topLevel(`${prefix}.APIService`, 'A group and version of the API, and who answers for it.', {
  spec: optional(2, ApiServiceSpec, 'Who answers.'),
  status: optional(3, ApiServiceStatus, 'Whether it answers.'),
})
export interface ApiService extends Infer<typeof ApiService> {}

const defaultPort = 443

export const apiServiceKind: Kind<ApiService> = defineKind<ApiService>({
  kind: 'APIService',
  resource: 'apiservices',
  group: 'apiregistration.k8s.io',
  version: 'v1',
  schema: ApiService,
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      description: 'The service that answers.',
      priority: 0,
      cell: ({ spec }: ApiService) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local'),
    },
    { name: 'Available', type: 'string', description: 'Whether it answers.', priority: 0, cell: availability },
    ageColumn,
  ],
  strategy: {
    applyDefaults: withPort,
    prepareForCreate: ({ status: _status, ...apiService }) => ({ ...apiService, status: {} }),
    prepareForUpdate: keepStatus,
    validate: validateApiService,
    validateName: asNameRule(validatePathSegmentName),
  },
  subresources: { status: statusSubresource<ApiService>('APIService', validateStatus, keepMetadata) },
})

function withPort(apiService: ApiService): ApiService {
  const { spec } = apiService
  if (!spec?.service || spec.service.port !== undefined) return apiService
  return { ...apiService, spec: { ...spec, service: { ...spec.service, port: defaultPort } } }
}

export const availableCondition = ({ status }: ApiService): ApiServiceCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Available')

function availability(apiService: ApiService): string {
  const { status = 'Unknown', reason } = availableCondition(apiService) ?? {}
  return status === 'True' || !reason ? status : `${status} (${reason})`
}

function validateApiService({ metadata, spec }: ApiService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec ?? {}
  const name = `${version}.${group}`
  const hasOtherName = metadata.name !== name
  return [
    ...(hasOtherName
      ? [invalidField('metadata.name', metadata.name ?? '', `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`)]
      : []),
    ...(group === '' && version !== 'v1'
      ? [requiredField('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : invalid('spec.group', group, validateDnsSubdomain(group))),
    ...invalid('spec.version', version, validateDns1035Label(version)),
    ...inBounds(groupPriorityMinimum, 20_000, 'spec.groupPriorityMinimum'),
    ...inBounds(versionPriority, 1000, 'spec.versionPriority'),
    ...validateTrust(spec),
  ]
}

const inBounds = (value: number, greatest: number, path: string): FieldError[] =>
  value <= 0 || value > greatest ? [invalidField(path, value, `must be positive and less than ${greatest}`)] : []

function validateTrust(spec: ApiServiceSpec | undefined): FieldError[] {
  const { service, caBundle = '', insecureSkipTLSVerify = false } = spec ?? {}
  if (!service) {
    const size = `${Buffer.from(caBundle, 'base64').length} bytes`
    return [
      ...(caBundle ? [invalidField('spec.caBundle', size, 'local APIServices may not have a caBundle')] : []),
      ...(insecureSkipTLSVerify
        ? [invalidField('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
        : []),
    ]
  }
  const { namespace, name, port = defaultPort } = service
  const portErrors = validatePortNumber(port)
  return [
    ...requiredValue(namespace, 'spec.service.namespace'),
    ...requiredValue(name, 'spec.service.name'),
    ...(portErrors.length ? [invalidField('spec.service.port', port, `port is not valid: ${portErrors.join(', ')}`)] : []),
    ...(insecureSkipTLSVerify && caBundle
      ? [invalidField('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}

function validateStatus({ status }: ApiService): FieldError[] {
  return each(status?.conditions, 'status.conditions', (condition, path) =>
    oneOf(condition.status, `${path}.status`, ['True', 'False', 'Unknown']),
  )
}
