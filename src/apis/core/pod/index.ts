/**
 * What others need of pods beyond their kind: defaults and rules of pod templates for workloads, and what a pod asks
 * for and looks like for the scheduler, the kubelet, controllers and kubectl. Pure functions of one pod.
 */
export { validatePodSpec, validatePodTemplate } from '../validation/pod-spec.ts'
export { applyPodDefaults, applyPodSpecDefaults, applyPodTemplateDefaults } from './defaults.ts'
export { isPodLevelResource } from './pod-level-resources.ts'
export { podQosClass, type QosClass } from './qos-class.ts'
export { podLimits, podRequests, type ResourceAmounts, resourceAmount } from './requests.ts'
export { isPodReady, isPodTerminal, isSidecar, type PodSummary, podStatusText, summarizePod } from './status-text.ts'
export { podSpecWarnings } from './warnings.ts'
