import { ObjectMeta } from '../../apimachinery/meta.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  int64,
  keyedList,
  map,
  object,
  optional,
  quantity,
  required,
  text,
} from '../../apimachinery/schema.ts'
import {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  ResourceRequirements,
  SELinuxOptions,
  SeccompProfile,
  WindowsSecurityContextOptions,
} from './container.ts'
import { LocalObjectReference } from './references.ts'
import { Affinity, Toleration, TopologySpreadConstraint } from './scheduling-terms.ts'
import { Volume } from './volume.ts'

export const HostAlias = object(
  'io.k8s.api.core.v1.HostAlias',
  "An address with names for it, written to the hosts file of the pod's containers.",
  {
    ip: required(1, text, 'Address that the names stand for.'),
    hostnames: optional(2, atomicList(text), 'Names that resolve to the address.'),
  },
)
export interface HostAlias extends Infer<typeof HostAlias> {}

export const PodDNSConfigOption = object('io.k8s.api.core.v1.PodDNSConfigOption', 'An option of the resolver in the pod.', {
  name: optional(1, text, 'Name of the option, such as ndots.'),
  value: optional(2, text, 'Value of the option, where it takes one.'),
})
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = object(
  'io.k8s.api.core.v1.PodDNSConfig',
  "Settings of the pod's resolver, added to those that dnsPolicy gives.",
  {
    nameservers: optional(1, atomicList(text), 'Addresses of name servers, asked after those of the policy; three at most.'),
    searches: optional(2, atomicList(text), 'Search domains, tried after those of the policy.'),
    options: optional(3, atomicList(PodDNSConfigOption), 'Resolver options; they win over equal ones of the policy.'),
  },
)
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodOS = object('io.k8s.api.core.v1.PodOS', 'The operating system that a pod is made for.', {
  name: required(1, text, 'linux or windows; fields that only the other one has are refused.'),
})
export interface PodOS extends Infer<typeof PodOS> {}

export const PodReadinessGate = object(
  'io.k8s.api.core.v1.PodReadinessGate',
  'A condition that must hold before the pod counts as ready.',
  {
    conditionType: required(1, text, "Type of the condition in the pod's status that is waited for."),
  },
)
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const PodResourceClaim = object(
  'io.k8s.api.core.v1.PodResourceClaim',
  "A claim of devices that the pod's containers may use, by a name of its own.",
  {
    name: required(1, text, 'Name by which containers refer to the claim, unique in the pod.'),
    resourceClaimName: optional(3, text, "Name of an existing ResourceClaim in the pod's namespace."),
    resourceClaimTemplateName: optional(4, text, 'Name of a template from which a claim is made for this pod alone.'),
  },
)
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGate = object('io.k8s.api.core.v1.PodSchedulingGate', 'A named reason to hold the pod back from the scheduler.', {
  name: required(1, text, 'Name of the gate; who added it removes it.'),
})
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodSchedulingGroup = object('io.k8s.api.core.v1.PodSchedulingGroup', 'The group of pods that are to be scheduled together.', {
  podGroupName: optional(1, text, "Name of the PodGroup in the pod's namespace."),
})
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const Sysctl = object('io.k8s.api.core.v1.Sysctl', 'A kernel parameter to set for the pod.', {
  name: required(1, text, 'Name of the parameter.'),
  value: required(2, text, 'Value to set.'),
})
export interface Sysctl extends Infer<typeof Sysctl> {}

export const PodSecurityContext = object(
  'io.k8s.api.core.v1.PodSecurityContext',
  'Security settings of the pod, and defaults for its containers.',
  {
    seLinuxOptions: optional(1, SELinuxOptions, 'SELinux labels of the containers.'),
    runAsUser: optional(2, int64, "User id that the containers' first processes run as; the image's by default."),
    runAsNonRoot: optional(3, boolean, 'Refuses to start containers that would run as root.'),
    supplementalGroups: optional(4, atomicList(int64), "Further groups of the containers' first processes."),
    fsGroup: optional(5, int64, "Group that owns the pod's volumes and that processes belong to."),
    runAsGroup: optional(6, int64, "Group id that the containers' first processes run as."),
    sysctls: optional(7, atomicList(Sysctl), "Kernel parameters to set in the pod's namespaces."),
    windowsOptions: optional(8, WindowsSecurityContextOptions, 'Settings that only Windows pods have.'),
    fsGroupChangePolicy: optional(9, text, 'Whether files of volumes change owner always, or only when the root directory does not fit.', {
      enum: ['Always', 'OnRootMismatch'],
    }),
    seccompProfile: optional(10, SeccompProfile, 'System calls that the containers may make.'),
    appArmorProfile: optional(11, AppArmorProfile, 'AppArmor profile that confines the containers.'),
    supplementalGroupsPolicy: optional(12, text, 'Whether groups that the image gives its user are merged in, or left out.', {
      enum: ['Merge', 'Strict'],
    }),
    seLinuxChangePolicy: optional(13, text, 'How volumes get their SELinux label: file by file, or by mounting.'),
  },
)
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}

export const PodSpec = object(
  'io.k8s.api.core.v1.PodSpec',
  'What a pod should be: its containers, its volumes, and where and how they run.',
  {
    volumes: optional(1, keyedList(Volume, 'name'), 'Volumes that containers of the pod can mount.', {
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    }),
    containers: required(2, keyedList(Container, 'name'), 'Containers that run side by side; at least one.', {
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
    restartPolicy: optional(3, text, 'When ended containers are started again: Always, OnFailure or Never.', {
      enum: ['Always', 'Never', 'OnFailure'],
    }),
    terminationGracePeriodSeconds: optional(4, int64, 'Seconds between the signal to stop and the kill, 30 by default.'),
    activeDeadlineSeconds: optional(5, int64, 'Seconds after its start at which the pod is ended and marked failed.'),
    dnsPolicy: optional(6, text, "Where the pod's resolver settings come from: the cluster, the node, or dnsConfig alone.", {
      enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    }),
    nodeSelector: optional(7, map(text, { mapType: 'atomic' }), 'Labels that a node must have for the pod to run there.'),
    serviceAccountName: optional(8, text, 'ServiceAccount that the pod acts as.'),
    serviceAccount: optional(9, text, 'Old name of serviceAccountName; both hold one value.'),
    nodeName: optional(10, text, 'Node that the pod is bound to; set by the scheduler, or up front to do without it.'),
    hostNetwork: optional(11, boolean, "Uses the node's network instead of one of its own."),
    hostPID: optional(12, boolean, "Sees and shares the node's process ids."),
    hostIPC: optional(13, boolean, "Shares the node's System V IPC and POSIX queues."),
    securityContext: optional(14, PodSecurityContext, 'Security settings for the whole pod, and defaults for its containers.'),
    imagePullSecrets: optional(
      15,
      keyedList(LocalObjectReference, 'name'),
      'Secrets with credentials for the registries that images come from.',
      { patchStrategy: 'merge', patchMergeKey: 'name' },
    ),
    hostname: optional(16, text, "Host name inside the pod; the pod's name by default."),
    subdomain: optional(17, text, "Makes the full name hostname.subdomain.namespace.svc and the cluster's domain."),
    affinity: optional(18, Affinity, 'Rules of what nodes and other pods this pod wants near, or far.'),
    schedulerName: optional(19, text, 'Scheduler that places the pod.'),
    initContainers: optional(
      20,
      keyedList(Container, 'name'),
      'Containers that run one after another before the others start, or beside them with restartPolicy Always.',
      { patchStrategy: 'merge', patchMergeKey: 'name' },
    ),
    automountServiceAccountToken: optional(21, boolean, 'Whether a token of the service account is mounted into the containers.'),
    tolerations: optional(22, atomicList(Toleration), 'Taints of nodes that the pod puts up with.'),
    hostAliases: optional(23, keyedList(HostAlias, 'ip'), 'Further entries of the hosts file in the containers.', {
      patchStrategy: 'merge',
      patchMergeKey: 'ip',
    }),
    priorityClassName: optional(24, text, 'PriorityClass that gives the pod its priority.'),
    priority: optional(25, int32, 'Priority by number, filled in from the class; higher goes first.'),
    dnsConfig: optional(26, PodDNSConfig, 'Resolver settings on top of those of dnsPolicy.'),
    shareProcessNamespace: optional(27, boolean, "Containers of the pod see one another's processes."),
    readinessGates: optional(28, atomicList(PodReadinessGate), 'Further conditions that must hold for the pod to be ready.'),
    runtimeClassName: optional(29, text, 'RuntimeClass whose handler runs the pod.'),
    enableServiceLinks: optional(30, boolean, 'Whether services of the namespace appear as environment variables.'),
    preemptionPolicy: optional(31, text, 'Whether the pod may push out pods of lower priority.', {
      enum: ['Never', 'PreemptLowerPriority'],
    }),
    overhead: optional(32, map(quantity), 'What running the pod itself costs beside its containers, from the runtime class.'),
    topologySpreadConstraints: optional(
      33,
      keyedList(TopologySpreadConstraint, 'topologyKey', 'whenUnsatisfiable'),
      'How pods like this one are spread over zones, nodes or other domains.',
      {
        patchStrategy: 'merge',
        patchMergeKey: 'topologyKey',
      },
    ),
    ephemeralContainers: optional(
      34,
      keyedList(EphemeralContainer, 'name'),
      'Containers added to the running pod to look into it, through the ephemeralcontainers subresource.',
      { patchStrategy: 'merge', patchMergeKey: 'name' },
    ),
    setHostnameAsFQDN: optional(35, boolean, 'Makes the full name the host name, as the kernel shows it.'),
    os: optional(36, PodOS, 'Operating system that the pod is made for.'),
    hostUsers: optional(37, boolean, "Set to false to give the pod user ids of its own, apart from the node's."),
    schedulingGates: optional(
      38,
      keyedList(PodSchedulingGate, 'name'),
      'Reasons to hold the pod back from the scheduler until they are removed.',
      { patchStrategy: 'merge', patchMergeKey: 'name' },
    ),
    resourceClaims: optional(39, keyedList(PodResourceClaim, 'name'), 'Claims of devices that containers of the pod may use.', {
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    }),
    resources: optional(40, ResourceRequirements, 'Requests and limits for the pod as a whole.'),
    hostnameOverride: optional(41, text, 'Host name as the kernel shows it, whatever hostname and subdomain say.'),
    schedulingGroup: optional(43, PodSchedulingGroup, 'Group of pods that this one is scheduled with.'),
  },
)
export interface PodSpec extends Infer<typeof PodSpec> {}

export const PodTemplateSpec = object('io.k8s.api.core.v1.PodTemplateSpec', 'What the pods made from a template look like.', {
  metadata: optional(1, ObjectMeta, 'Labels, annotations and the other data of the pods.'),
  spec: optional(2, PodSpec, 'What the pods should be.'),
})
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
