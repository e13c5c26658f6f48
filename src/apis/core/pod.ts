import { defineKind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, optional } from '../../apimachinery/schema.ts'
import { podColumns } from './pod/columns.ts'
import { applyPodDefaults } from './pod/defaults.ts'
import { preparePodForCreate, preparePodForUpdate } from './pod/prepare.ts'
import { isPodTerminal } from './pod/status-text.ts'
import { podSubresources } from './pod/subresources.ts'
import { podWarnings } from './pod/warnings.ts'
import { PodSpec } from './pod-spec.ts'
import { PodStatus } from './pod-status.ts'
import { validatePod } from './validation/pod.ts'
import { validatePodUpdate } from './validation/pod-update.ts'

export const Pod = topLevel(
  'io.k8s.api.core.v1.Pod',
  'A group of containers that share a node, a network address and volumes, and live and end together.',
  {
    spec: optional(2, PodSpec, 'What the pod should be; set once, with few fields that may change later.'),
    status: optional(3, PodStatus, 'What the node last reported of the pod; written by the system.'),
  },
)
export interface Pod extends Infer<typeof Pod> {}

export const podKind = defineKind<Pod>({
  kind: 'Pod',
  resource: 'pods',
  group: '',
  version: 'v1',
  schema: Pod,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  shortNames: ['po'],
  categories: ['all'],
  columns: podColumns,
  strategy: {
    applyDefaults: applyPodDefaults,
    prepareForCreate: preparePodForCreate,
    prepareForUpdate: preparePodForUpdate,
    validate: validatePod,
    validateUpdate: validatePodUpdate,
    warnings: podWarnings,
    allowUnconditionalUpdate: true,
    deletionGracePeriod: podDeletionGracePeriod,
  },
  subresources: podSubresources,
  selectableFields: {
    'spec.nodeName': pod => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': pod => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': pod => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': pod => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': pod => String(pod.spec?.hostNetwork ?? false),
    'status.phase': pod => pod.status?.phase ?? '',
    'status.podIP': pod => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': pod => pod.status?.nominatedNodeName ?? '',
  },
})

/** Pods that no node has to stop end at once; a negative wish is one second, as upstream. */
function podDeletionGracePeriod(pod: Pod, requested: number | undefined): number {
  if (!pod.spec?.nodeName || isPodTerminal(pod)) return 0
  const period = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0
  return period < 0 ? 1 : period
}
