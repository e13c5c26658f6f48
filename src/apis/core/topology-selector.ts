import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'

export const TopologySelectorLabelRequirement = object(
  'io.k8s.api.core.v1.TopologySelectorLabelRequirement',
  'A label that the place of a volume must have, with its values.',
  {
    key: required(1, text, 'Key of the label.'),
    values: required(2, atomicList(text), 'Values of which it must have one.'),
  },
)
export interface TopologySelectorLabelRequirement extends Infer<typeof TopologySelectorLabelRequirement> {}

export const TopologySelectorTerm = object(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  'Labels that the place of a volume must have, all of them.',
  {
    matchLabelExpressions: optional(1, atomicList(TopologySelectorLabelRequirement), 'The labels with their values.'),
  },
  { mapType: 'atomic' },
)
export interface TopologySelectorTerm extends Infer<typeof TopologySelectorTerm> {}
