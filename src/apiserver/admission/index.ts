/**
 * What happens to a write between its decoding and the store: steps that complete objects and steps that refuse them,
 * one file each, in one list that says in which order they run. In goes an object as the client wants it, out comes it
 * as it is stored, or a refusal. Steps read stored objects and never write any.
 */
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { AdmissionStep, Authorizer } from '../types.ts'
import { alwaysPullImages } from './always-pull-images.ts'
import { certificateSteps } from './certificates.ts'
import { choosePlugins, type PluginChoice } from './choose-plugins.ts'
import { defaultIngressClass } from './default-ingress-class.ts'
import { defaultStorageClass } from './default-storage-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { denyServiceExternalIps } from './deny-service-external-ips.ts'
import { kindsWithoutEffect } from './kinds-without-effect.ts'
import { limitRanger } from './limit-ranger/index.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { ownerReferences } from './owner-references.ts'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts'
import { podSecurity } from './pod-security/index.ts'
import { podTopologyLabels } from './pod-topology-labels.ts'
import type { PolicyAdmission } from './policies/index.ts'
import { priority } from './priority.ts'
import { rbacEscalation } from './rbac-escalation.ts'
import { resourceQuota } from './resource-quota.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'
import type { WebhookAdmission } from './webhooks/index.ts'

export { createPolicyAdmission, type PolicyAdmission } from './policies/index.ts'
export { createWebhookAdmission, type WebhookAdmission } from './webhooks/index.ts'

export interface AdmissionOptions {
  readonly clock: Clock
  readonly random: Random
  /** Absent: none are carried out. */
  readonly policies?: PolicyAdmission
  /** Decides what steps ask about rights beyond the request itself. */
  readonly authorizer: Authorizer
  /** Absent: none are asked. */
  readonly webhooks?: WebhookAdmission
  readonly plugins?: PluginChoice
}

/** The steps that act, of all that there are. */
export const admissionSteps = (options: AdmissionOptions): readonly AdmissionStep[] =>
  choosePlugins(allSteps(options), options.plugins ?? {})

/** Upstream's order, since what one step fills in the next one may judge. */
const allSteps = ({ clock, random, policies, webhooks, authorizer }: AdmissionOptions): readonly AdmissionStep[] => [
  namespaceLifecycle,
  limitRanger,
  serviceAccount(clock, random),
  nodeRestriction,
  taintNodesByCondition,
  alwaysPullImages,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  ...certificateSteps(authorizer),
  defaultStorageClass,
  storageObjectInUseProtection,
  ownerReferences(authorizer),
  persistentVolumeClaimResize,
  runtimeClass,
  defaultIngressClass,
  podTopologyLabels,
  denyServiceExternalIps,
  kindsWithoutEffect,
  rbacEscalation,
  ...(policies ? [policies.mutating] : []),
  ...(webhooks ? [webhooks.mutating] : []),
  ...(policies ? [policies.validating] : []),
  ...(webhooks ? [webhooks.validating] : []),
  resourceQuota(clock),
]
