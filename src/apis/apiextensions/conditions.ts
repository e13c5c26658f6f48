import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from './custom-resource-definition-types.ts'

export type ConditionType =
  | 'Established'
  | 'NamesAccepted'
  | 'NonStructuralSchema'
  | 'Terminating'
  | 'KubernetesAPIApprovalPolicyConformant'

export const conditionOf = ({ status }: CustomResourceDefinition, type: ConditionType): CustomResourceDefinitionCondition | undefined =>
  status?.conditions?.find(condition => condition.type === type)

export const hasCondition = (definition: CustomResourceDefinition, type: ConditionType): boolean =>
  conditionOf(definition, type)?.status === 'True'
