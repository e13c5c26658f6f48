import { approvalInvalid, approvalMissing, approvalStateOf, isProtectedGroup } from '../../apis/apiextensions/approval.ts'
import type { CustomResourceDefinition } from '../../apis/index.ts'
import type { ConditionChange } from './conditions.ts'

/** A condition for definitions in Kubernetes' own groups; none for others. */
export function approvalOf(definition: CustomResourceDefinition): readonly ConditionChange[] {
  if (!isProtectedGroup(definition.spec.group)) return []
  const condition = (status: 'True' | 'False', reason: string, message: string): readonly ConditionChange[] => [
    { type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message },
  ]
  const approval = approvalStateOf(definition)
  switch (approval.state) {
    case 'approved':
      return condition('True', 'ApprovedAnnotation', `approved in ${approval.text}`)
    case 'unapproved':
      return condition('False', 'UnapprovedAnnotation', `not approved: ${JSON.stringify(approval.text)}`)
    case 'invalid':
      return condition('False', 'InvalidAnnotation', approvalInvalid)
    case 'missing':
      return condition('False', 'MissingAnnotation', approvalMissing)
  }
}
