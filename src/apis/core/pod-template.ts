import { type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, optional } from '../../apimachinery/schema.ts'
import { formatLabels, podTemplateColumns } from '../columns.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { applyPodTemplateDefaults } from './pod/defaults.ts'
import { templateWarnings } from './pod/warnings.ts'
import { PodTemplateSpec } from './pod-spec.ts'
import { semanticEqual, withField } from './sharing.ts'
import { validatePodTemplate } from './validation/pod-spec.ts'

export const PodTemplate = topLevel('io.k8s.api.core.v1.PodTemplate', 'What pods can be made from, kept under a name.', {
  template: optional(2, PodTemplateSpec, 'What pods are made from.'),
})
export interface PodTemplate extends Infer<typeof PodTemplate> {}

/** Here containers and images are always shown. */
const containerColumns: readonly Column[] = podTemplateColumns((podTemplate: PodTemplate) => podTemplate.template).map(column => ({
  ...column,
  priority: 0,
}))

export const podTemplateKind: Kind<PodTemplate> = defineKind({
  kind: 'PodTemplate',
  resource: 'podtemplates',
  group: '',
  version: 'v1',
  schema: PodTemplate,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  columns: [
    nameColumn,
    ...containerColumns,
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'Labels that the pods will have.',
      priority: 0,
      cell: ({ template }: PodTemplate) => formatLabels(template?.metadata?.labels),
    },
  ],
  strategy: {
    applyDefaults: object => withField(object, 'template', applyPodTemplateDefaults(object.template ?? {})),
    prepareForCreate: object => withGeneration(object, 1),
    prepareForUpdate: (object, old) => countGeneration(object, old, !semanticEqual(object.template, old.template)),
    validate: object => validatePodTemplate(object.template ?? {}, 'template'),
    warnings: object => templateWarnings(object.template, 'template'),
    allowUnconditionalUpdate: true,
  },
})
