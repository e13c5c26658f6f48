import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { atomicList, type Infer, object, optional } from '../../apimachinery/schema.ts'
import { PolicyRule } from './role.ts'

export const AggregationRule = object('io.k8s.api.rbac.v1.AggregationRule', '', {
  clusterRoleSelectors: optional(1, atomicList(LabelSelector), ''),
})
export interface AggregationRule extends Infer<typeof AggregationRule> {}

export const ClusterRole = topLevel('io.k8s.api.rbac.v1.ClusterRole', '', {
  rules: optional(2, atomicList(PolicyRule), ''),
  aggregationRule: optional(3, AggregationRule, ''),
})
export interface ClusterRole extends Infer<typeof ClusterRole> {}

export const clusterRoleKind: Kind<ClusterRole> = defineKind({
  kind: 'ClusterRole',
  resource: 'clusterroles',
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  schema: ClusterRole,
  scope: 'Cluster',
  strategy: { validate: () => [] },
})
