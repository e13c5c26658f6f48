import { type FieldError, requiredField } from '../../apimachinery/field-error.ts'
import { defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, type Infer, object, optional } from '../../apimachinery/schema.ts'
import { each } from '../core/validation/rules.ts'
import { createdAtColumn, validatePolicyRule } from './policy-rule.ts'
import { PolicyRule } from './role.ts'

export const AggregationRule = object('io.k8s.api.rbac.v1.AggregationRule', 'How a cluster role is gathered from others.', {
  clusterRoleSelectors: optional(
    1,
    atomicList(LabelSelector),
    'Labels of cluster roles whose rules are taken over; one that fits is enough.',
  ),
})
export interface AggregationRule extends Infer<typeof AggregationRule> {}

export const ClusterRole = topLevel('io.k8s.api.rbac.v1.ClusterRole', 'A set of rights in all namespaces and on things of the cluster.', {
  rules: optional(2, atomicList(PolicyRule), 'What is allowed; written by the system if there is an aggregationRule.'),
  aggregationRule: optional(3, AggregationRule, 'Gathers the rules from other cluster roles.'),
})
export interface ClusterRole extends Infer<typeof ClusterRole> {}

export const clusterRoleKind: Kind<ClusterRole> = defineKind({
  kind: 'ClusterRole',
  resource: 'clusterroles',
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  schema: ClusterRole,
  scope: 'Cluster',
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validate: clusterRole => [
      ...each(clusterRole.rules, 'rules', (rule, path) => validatePolicyRule(rule, false, path)),
      ...(clusterRole.aggregationRule ? validateAggregation(clusterRole.aggregationRule) : []),
    ],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
})

function validateAggregation({ clusterRoleSelectors = [] }: AggregationRule): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors'
  if (clusterRoleSelectors.length > 0) return each(clusterRoleSelectors, path, validateLabelSelector)
  return [requiredField(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
}
