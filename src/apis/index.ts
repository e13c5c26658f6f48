/**
 * The built-in kinds, one file each, by group. In goes nothing but `apimachinery`; out come `Kind` values: schema,
 * names, defaults, validation, what an update may change, columns and subresources, all pure.
 * This room never reads a store, a clock or the network, and knows no other object than the one it is given.
 */
import type { Kind } from '../apimachinery/kind.ts'
import { mutatingAdmissionPolicyKind } from './admissionregistration/mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindingKind } from './admissionregistration/mutating-admission-policy-binding.ts'
import { mutatingWebhookConfigurationKind } from './admissionregistration/mutating-webhook-configuration.ts'
import { validatingAdmissionPolicyKind } from './admissionregistration/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindingKind } from './admissionregistration/validating-admission-policy-binding.ts'
import { validatingWebhookConfigurationKind } from './admissionregistration/validating-webhook-configuration.ts'
import { customResourceDefinitionKind } from './apiextensions/custom-resource-definition.ts'
import { apiServiceKind } from './apiregistration/api-service.ts'
import { controllerRevisionKind } from './apps/controller-revision.ts'
import { daemonSetKind } from './apps/daemon-set.ts'
import { deploymentKind } from './apps/deployment.ts'
import { replicaSetKind } from './apps/replica-set.ts'
import { statefulSetKind } from './apps/stateful-set.ts'
import { selfSubjectReviewKind } from './authentication/self-subject-review.ts'
import { tokenReviewKind } from './authentication/token-review.ts'
import { localSubjectAccessReviewKind } from './authorization/local-subject-access-review.ts'
import { selfSubjectAccessReviewKind } from './authorization/self-subject-access-review.ts'
import { selfSubjectRulesReviewKind } from './authorization/self-subject-rules-review.ts'
import { subjectAccessReviewKind } from './authorization/subject-access-review.ts'
import { horizontalPodAutoscalerKind } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJobKind } from './batch/cron-job.ts'
import { jobKind } from './batch/job.ts'
import { certificateSigningRequestKind } from './certificates/certificate-signing-request.ts'
import { leaseKind } from './coordination/lease.ts'
import { bindingKind } from './core/binding.ts'
import { componentStatusKind } from './core/component-status.ts'
import { configMapKind } from './core/config-map.ts'
import { endpointsKind } from './core/endpoints.ts'
import { eventKind } from './core/event.ts'
import { limitRangeKind } from './core/limit-range.ts'
import { namespaceKind } from './core/namespace.ts'
import { nodeKind } from './core/node.ts'
import { persistentVolumeKind } from './core/persistent-volume.ts'
import { persistentVolumeClaimKind } from './core/persistent-volume-claim.ts'
import { podKind } from './core/pod.ts'
import { podTemplateKind } from './core/pod-template.ts'
import { replicationControllerKind } from './core/replication-controller.ts'
import { resourceQuotaKind } from './core/resource-quota.ts'
import { secretKind } from './core/secret.ts'
import { serviceKind } from './core/service.ts'
import { serviceAccountKind } from './core/service-account.ts'
import { endpointSliceKind } from './discovery/endpoint-slice.ts'
import { flowSchemaKind } from './flowcontrol/flow-schema.ts'
import { priorityLevelConfigurationKind } from './flowcontrol/priority-level-configuration.ts'
import { nodeMetricsKind, podMetricsKind } from './metrics/usage.ts'
import { ingressKind } from './networking/ingress.ts'
import { ingressClassKind } from './networking/ingress-class.ts'
import { ipAddressKind } from './networking/ip-address.ts'
import { networkPolicyKind } from './networking/network-policy.ts'
import { serviceCidrKind } from './networking/service-cidr.ts'
import { runtimeClassKind } from './node/runtime-class.ts'
import { podDisruptionBudgetKind } from './policy/pod-disruption-budget.ts'
import { clusterRoleKind } from './rbac/cluster-role.ts'
import { clusterRoleBindingKind } from './rbac/cluster-role-binding.ts'
import { roleKind } from './rbac/role.ts'
import { roleBindingKind } from './rbac/role-binding.ts'
import { deviceClassKind } from './resource/device-class.ts'
import { resourceClaimKind } from './resource/resource-claim.ts'
import { resourceClaimTemplateKind } from './resource/resource-claim-template.ts'
import { resourceSliceKind } from './resource/resource-slice.ts'
import { priorityClassKind } from './scheduling/priority-class.ts'
import { csiDriverKind } from './storage/csi-driver.ts'
import { csiNodeKind } from './storage/csi-node.ts'
import { csiStorageCapacityKind } from './storage/csi-storage-capacity.ts'
import { storageClassKind } from './storage/storage-class.ts'
import { volumeAttachmentKind } from './storage/volume-attachment.ts'
import { volumeAttributesClassKind } from './storage/volume-attributes-class.ts'

/** In the order of discovery: groups by priority, resources by name. */
export const builtInKinds: readonly Kind[] = [
  bindingKind,
  componentStatusKind,
  configMapKind,
  endpointsKind,
  eventKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  persistentVolumeClaimKind,
  persistentVolumeKind,
  podKind,
  podTemplateKind,
  replicationControllerKind,
  resourceQuotaKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  apiServiceKind,
  controllerRevisionKind,
  daemonSetKind,
  deploymentKind,
  replicaSetKind,
  statefulSetKind,
  selfSubjectReviewKind,
  tokenReviewKind,
  localSubjectAccessReviewKind,
  selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
  subjectAccessReviewKind,
  horizontalPodAutoscalerKind,
  cronJobKind,
  jobKind,
  ingressClassKind,
  ingressKind,
  ipAddressKind,
  networkPolicyKind,
  serviceCidrKind,
  podDisruptionBudgetKind,
  clusterRoleBindingKind,
  clusterRoleKind,
  roleBindingKind,
  roleKind,
  csiDriverKind,
  csiNodeKind,
  csiStorageCapacityKind,
  storageClassKind,
  volumeAttachmentKind,
  volumeAttributesClassKind,
  mutatingAdmissionPolicyKind,
  mutatingAdmissionPolicyBindingKind,
  mutatingWebhookConfigurationKind,
  validatingAdmissionPolicyKind,
  validatingAdmissionPolicyBindingKind,
  validatingWebhookConfigurationKind,
  priorityClassKind,
  customResourceDefinitionKind,
  certificateSigningRequestKind,
  leaseKind,
  runtimeClassKind,
  endpointSliceKind,
  deviceClassKind,
  resourceClaimKind,
  resourceClaimTemplateKind,
  resourceSliceKind,
  nodeMetricsKind,
  podMetricsKind,
  flowSchemaKind,
  priorityLevelConfigurationKind,
] as readonly unknown[] as readonly Kind[]

export { type IpFamily, ipFamily } from './address-rules.ts'
export { MutatingAdmissionPolicy, mutatingAdmissionPolicyKind } from './admissionregistration/mutating-admission-policy.ts'
export {
  MutatingAdmissionPolicyBinding,
  mutatingAdmissionPolicyBindingKind,
} from './admissionregistration/mutating-admission-policy-binding.ts'
export {
  MutatingWebhook,
  MutatingWebhookConfiguration,
} from './admissionregistration/mutating-webhook-configuration.ts'
export { ValidatingAdmissionPolicy, validatingAdmissionPolicyKind } from './admissionregistration/validating-admission-policy.ts'
export {
  ValidatingAdmissionPolicyBinding,
  validatingAdmissionPolicyBindingKind,
} from './admissionregistration/validating-admission-policy-binding.ts'
export {
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from './admissionregistration/validating-webhook-configuration.ts'
export { caBundleProblem } from './apiextensions/ca-bundle.ts'
export { type ConditionType, conditionOf, hasCondition } from './apiextensions/conditions.ts'
export * from './apiextensions/custom-resource-definition.ts'
export * from './apiextensions/custom-resource-definition-types.ts'
export { JSONSchemaProps, ValidationRule } from './apiextensions/json-schema-props.ts'
export { ApiService, apiServiceKind } from './apiregistration/api-service.ts'
export * from './apps/controller-revision.ts'
export * from './apps/controller-revision.ts'
export * from './apps/daemon-set.ts'
export * from './apps/daemon-set.ts'
export * from './apps/deployment.ts'
export * from './apps/replica-set.ts'
export * from './apps/stateful-set.ts'
export * from './authentication/self-subject-review.ts'
export * from './authentication/token-request.ts'
export * from './authentication/token-review.ts'
export * from './authorization/local-subject-access-review.ts'
export * from './authorization/self-subject-access-review.ts'
export * from './authorization/self-subject-rules-review.ts'
export * from './authorization/subject-access-review.ts'
export * from './autoscaling/horizontal-pod-autoscaler.ts'
export * from './autoscaling/metrics.ts'
export * from './autoscaling/scale.ts'
export * from './batch/cron-job.ts'
export * from './batch/job.ts'
export * from './certificates/certificate-signing-request.ts'
export * from './coordination/lease.ts'
export { storageClassAnnotation, storageClassOf } from './core/access-modes.ts'
export * from './core/binding.ts'
export * from './core/component-status.ts'
export * from './core/config-map.ts'
export * from './core/container.ts'
export * from './core/endpoints.ts'
export * from './core/event.ts'
export * from './core/limit-range.ts'
export * from './core/namespace.ts'
export * from './core/node.ts'
export * from './core/persistent-volume.ts'
export * from './core/persistent-volume-claim.ts'
export * from './core/persistent-volume-source.ts'
export * from './core/pod.ts'
export * from './core/pod-spec.ts'
export * from './core/pod-status.ts'
export * from './core/pod-template.ts'
export * from './core/references.ts'
export * from './core/replication-controller.ts'
export * from './core/resource-quota.ts'
export * from './core/scheduling-terms.ts'
export * from './core/secret.ts'
export { settleIpFamilies } from './core/service/ip-families.ts'
export { isHeadless, needsClusterIp, needsHealthCheckNodePort, needsNodePort } from './core/service/traits.ts'
export * from './core/service.ts'
export * from './core/service-account.ts'
export * from './core/topology-selector.ts'
export * from './core/volume.ts'
export {
  Endpoint,
  EndpointConditions,
  EndpointHints,
  EndpointPort as EndpointSlicePort,
  EndpointSlice,
  ForNode,
  ForZone,
} from './discovery/endpoint-slice.ts'
export { Event as EventsV1Event, eventsV1 } from './events/event.ts'
export { ContainerMetrics, NodeMetrics, nodeMetricsKind, PodMetrics, podMetricsKind } from './metrics/usage.ts'
export * from './networking/ingress.ts'
export * from './networking/ingress-class.ts'
export * from './networking/ip-address.ts'
export * from './networking/network-policy.ts'
export * from './networking/service-cidr.ts'
export * from './node/runtime-class.ts'
export * from './policy/eviction.ts'
export * from './policy/pod-disruption-budget.ts'
export * from './rbac/bootstrap.ts'
export * from './rbac/cluster-role.ts'
export * from './rbac/cluster-role-binding.ts'
export * from './rbac/role.ts'
export * from './rbac/role-binding.ts'
export * from './resource/device-class.ts'
export { ResourceClaim as ResourceV1ResourceClaim, resourceClaimKind } from './resource/resource-claim.ts'
export * from './resource/resource-claim-spec.ts'
export * from './resource/resource-claim-template.ts'
export * from './resource/resource-slice.ts'
export * from './scheduling/priority-class.ts'
export { CSIDriver, CSIDriverSpec, csiDriverKind, TokenRequest as CSIDriverTokenRequest } from './storage/csi-driver.ts'
export * from './storage/csi-node.ts'
export * from './storage/csi-storage-capacity.ts'
export { protectionFinalizers } from './storage/protection.ts'
export * from './storage/storage-class.ts'
export * from './storage/volume-attachment.ts'
export * from './storage/volume-attributes-class.ts'
