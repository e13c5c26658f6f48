import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { ObjectMeta } from '../../apimachinery/meta.ts'
import { validateAnnotations, validateLabels } from '../../apimachinery/object-meta-validation.ts'
import { type Infer, object, optional, required } from '../../apimachinery/schema.ts'
import { withField } from '../core/sharing.ts'
import { forbidFields } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { withClaimDefaults } from './claim-defaults.ts'
import { validateClaimSpec } from './claim-validation.ts'
import { ResourceClaimSpec } from './resource-claim-spec.ts'

export const ResourceClaimTemplateSpec = object('io.k8s.api.resource.v1.ResourceClaimTemplateSpec', 'The claim that is made.', {
  metadata: optional(1, ObjectMeta, 'Labels and annotations of the claim.'),
  spec: required(2, ResourceClaimSpec, 'What the claim asks for.'),
})
export interface ResourceClaimTemplateSpec extends Infer<typeof ResourceClaimTemplateSpec> {}

export const ResourceClaimTemplate = topLevel(
  'io.k8s.api.resource.v1.ResourceClaimTemplate',
  'A claim that is made for each pod that names it.',
  {
    spec: required(2, ResourceClaimTemplateSpec, 'The claim that is made; cannot be changed.'),
  },
)
export interface ResourceClaimTemplate extends Infer<typeof ResourceClaimTemplate> {}

export const resourceClaimTemplateKind: Kind<ResourceClaimTemplate> = defineKind({
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
  group: 'resource.k8s.io',
  version: 'v1',
  schema: ResourceClaimTemplate,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  columns: [nameColumn, ageColumn],
  strategy: {
    applyDefaults: one => (one.spec?.spec ? withField(one, 'spec', withField(one.spec, 'spec', withClaimDefaults(one.spec.spec))) : one),
    validate: () => [],
    validateCreate: ({ spec }) => [
      ...validateLabels(spec?.metadata?.labels, 'spec.metadata.labels'),
      ...validateAnnotations(spec?.metadata?.annotations, 'spec.metadata.annotations'),
      ...forbidFields(spec?.metadata, 'spec.metadata', ownMetadata, 'cannot be set'),
      ...validateClaimSpec(spec?.spec ?? {}, 'spec.spec'),
    ],
    // What is stored was checked when it came, and cannot change.
    validateUpdate: ({ spec }, old) => immutable(spec, old.spec, 'spec'),
    allowUnconditionalUpdate: true,
  },
})

/** Only labels and annotations are passed on to the claim. */
const ownMetadata = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'ownerReferences', 'finalizers'] as const
