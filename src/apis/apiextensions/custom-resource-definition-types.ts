import { topLevel } from '../../apimachinery/kind.ts'
import {
  atomicList,
  boolean,
  bytes,
  type Infer,
  int32,
  int64,
  keyedList,
  object,
  optional,
  required,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { JSONSchemaProps } from './json-schema-props.ts'

const named = (name: string): string => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${name}`

export const CustomResourceDefinitionNames = object(named('CustomResourceDefinitionNames'), 'What a custom resource is called.', {
  plural: required(1, text, 'Name of the resource in URLs, in lower case: `widgets`.'),
  singular: optional(2, text, 'Name of one object on the command line; the kind in lower case by default.'),
  shortNames: optional(3, atomicList(text), 'Short names for the command line.'),
  kind: required(4, text, 'Name of the kind: `Widget`.'),
  listKind: optional(5, text, 'Name of the kind of lists; the kind with `List` behind it by default.'),
  categories: optional(6, atomicList(text), 'Groups of resources that it belongs to, such as all.'),
})
export interface CustomResourceDefinitionNames extends Infer<typeof CustomResourceDefinitionNames> {}

export const CustomResourceValidation = object(named('CustomResourceValidation'), 'How objects are checked.', {
  openAPIV3Schema: optional(1, JSONSchemaProps, 'Schema of the objects.'),
})

export const CustomResourceSubresourceStatus = object(
  named('CustomResourceSubresourceStatus'),
  'Status as a subresource: written apart from everything else.',
  {},
)

export const CustomResourceSubresourceScale = object(
  named('CustomResourceSubresourceScale'),
  'Scale as a subresource: where in the object its numbers are.',
  {
    specReplicasPath: required(1, text, 'JSON path below .spec of the number of replicas wanted.'),
    statusReplicasPath: required(2, text, 'JSON path below .status of the number of replicas there are.'),
    labelSelectorPath: optional(3, text, 'JSON path below .spec or .status of the label selector, as text.'),
  },
)
export interface CustomResourceSubresourceScale extends Infer<typeof CustomResourceSubresourceScale> {}

export const CustomResourceSubresources = object(named('CustomResourceSubresources'), 'Which subresources there are.', {
  status: optional(1, CustomResourceSubresourceStatus, 'Serves the status subresource.'),
  scale: optional(2, CustomResourceSubresourceScale, 'Serves the scale subresource.'),
})

export const CustomResourceColumnDefinition = object(named('CustomResourceColumnDefinition'), 'A column of `kubectl get`.', {
  name: required(1, text, 'Heading of the column.'),
  type: required(2, text, 'Type of its values: integer, number, string, boolean or date.'),
  format: optional(3, text, 'Form of its values, such as name, int32 or date-time.'),
  description: optional(4, text, 'What the column shows, for people.'),
  priority: optional(5, int32, 'Columns above 0 are shown with `-o wide` only.'),
  jsonPath: required(6, text, 'JSON path of the value in the object.'),
})
export interface CustomResourceColumnDefinition extends Infer<typeof CustomResourceColumnDefinition> {}

export const SelectableField = object(named('SelectableField'), 'A field that field selectors may ask for.', {
  jsonPath: required(1, text, 'Simple JSON path of the field: `.spec.color`.'),
})

export const CustomResourceDefinitionVersion = object(named('CustomResourceDefinitionVersion'), 'One version of a custom resource.', {
  name: required(1, text, 'Name of the version: `v1`.'),
  served: required(2, boolean, 'Whether the API serves this version.'),
  storage: required(3, boolean, 'Whether objects are stored in this version; exactly one is.'),
  schema: optional(4, CustomResourceValidation, 'Schema of objects in this version.'),
  subresources: optional(5, CustomResourceSubresources, 'Subresources of this version.'),
  additionalPrinterColumns: optional(
    6,
    atomicList(CustomResourceColumnDefinition),
    'Columns of `kubectl get` beside the name; the age by default.',
  ),
  deprecated: optional(7, boolean, 'Whether use of this version is answered with a warning.'),
  deprecationWarning: optional(8, text, 'The warning, where the usual one would not do.'),
  selectableFields: optional(9, atomicList(SelectableField), 'Fields that field selectors may ask for.'),
})
export interface CustomResourceDefinitionVersion extends Infer<typeof CustomResourceDefinitionVersion> {}

export const ServiceReference = object(named('ServiceReference'), 'A service that answers a webhook.', {
  namespace: required(1, text, 'Namespace of the service.'),
  name: required(2, text, 'Name of the service.'),
  path: optional(3, text, 'Path to send requests to.'),
  port: optional(4, int32, 'Port of the service; 443 by default.'),
})

export const WebhookClientConfig = object(named('WebhookClientConfig'), 'How to reach a webhook: by URL or by service.', {
  service: optional(1, ServiceReference, 'Service of the cluster that answers it.'),
  caBundle: optional(2, bytes, "PEM of the authorities that may have signed the webhook's certificate; those of the system by default."),
  url: optional(3, text, 'URL of a webhook outside of the cluster, with https.'),
})

export const WebhookConversion = object(named('WebhookConversion'), 'The webhook that converts between versions.', {
  clientConfig: optional(2, WebhookClientConfig, 'How to reach it.'),
  conversionReviewVersions: required(3, atomicList(text), 'Versions of ConversionReview that it understands, preferred ones first.'),
})

export const CustomResourceConversion = object(named('CustomResourceConversion'), 'How objects are converted between versions.', {
  strategy: required(1, text, 'None, which changes nothing but apiVersion, or Webhook.'),
  webhook: optional(2, WebhookConversion, 'The webhook that converts, for strategy Webhook.'),
})
export interface CustomResourceConversion extends Infer<typeof CustomResourceConversion> {}

export const CustomResourceDefinitionSpec = object(named('CustomResourceDefinitionSpec'), 'What a custom resource is.', {
  group: required(1, text, "API group; the definition's name is PLURAL.GROUP."),
  names: required(3, CustomResourceDefinitionNames, 'What it is called.'),
  scope: required(4, text, 'Namespaced or Cluster.'),
  versions: required(7, atomicList(CustomResourceDefinitionVersion), 'All its versions.'),
  conversion: optional(9, CustomResourceConversion, 'How its versions are converted into each other.'),
  preserveUnknownFields: optional(10, boolean, 'Old form of x-kubernetes-preserve-unknown-fields; must be false.'),
})
export interface CustomResourceDefinitionSpec extends Infer<typeof CustomResourceDefinitionSpec> {}

export const CustomResourceDefinitionCondition = object(named('CustomResourceDefinitionCondition'), "One aspect of a definition's state.", {
  type: required(1, text, 'What the condition is about: Established, NamesAccepted, Terminating and others.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status last changed.'),
  reason: optional(4, text, 'Why it is so, in one word.'),
  message: optional(5, text, 'Why it is so, in a sentence.'),
  observedGeneration: optional(6, int64, 'Generation of the definition that the condition is about.'),
})
export interface CustomResourceDefinitionCondition extends Infer<typeof CustomResourceDefinitionCondition> {}

export const CustomResourceDefinitionStatus = object(named('CustomResourceDefinitionStatus'), 'What became of a definition.', {
  conditions: optional(1, keyedList(CustomResourceDefinitionCondition, 'type'), 'Aspects of its state.'),
  acceptedNames: optional(2, CustomResourceDefinitionNames, 'Names that it is served under; they may differ from those asked for.'),
  storedVersions: optional(3, atomicList(text), 'Versions in which objects may be stored; none of them can be removed from the spec.'),
  observedGeneration: optional(4, int64, 'Generation of the definition that was seen last.'),
})
export interface CustomResourceDefinitionStatus extends Infer<typeof CustomResourceDefinitionStatus> {}

export const CustomResourceDefinition = topLevel(
  named('CustomResourceDefinition'),
  'A kind of objects that this cluster serves beside the built-in ones. Its name is PLURAL.GROUP.',
  {
    spec: required(2, CustomResourceDefinitionSpec, 'What the kind is.'),
    status: optional(3, CustomResourceDefinitionStatus, 'What became of it.'),
  },
)
export interface CustomResourceDefinition extends Infer<typeof CustomResourceDefinition> {}
