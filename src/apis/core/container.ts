import {
  atomicList,
  boolean,
  type Infer,
  int32,
  int64,
  intOrString,
  keyedList,
  map,
  object,
  optional,
  quantity,
  required,
  setList,
  text,
} from '../../apimachinery/schema.ts'
import { ObjectFieldSelector, ResourceFieldSelector } from './references.ts'
import { stopSignals } from './stop-signals.ts'

export const AppArmorProfile = object('io.k8s.api.core.v1.AppArmorProfile', 'An AppArmor profile.', {
  type: required(1, text, 'Localhost for a profile of the node, RuntimeDefault, or Unconfined for none.', {
    enum: ['Localhost', 'RuntimeDefault', 'Unconfined'],
  }),
  localhostProfile: optional(2, text, 'Name of the profile that is loaded on the node, with type Localhost.'),
})
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

export const Capabilities = object('io.k8s.api.core.v1.Capabilities', 'Linux capabilities to give and to take.', {
  add: optional(1, atomicList(text), 'Capabilities beyond those that the runtime gives.'),
  drop: optional(2, atomicList(text), 'Capabilities to take away.'),
})
export interface Capabilities extends Infer<typeof Capabilities> {}

export const ConfigMapEnvSource = object(
  'io.k8s.api.core.v1.ConfigMapEnvSource',
  'A ConfigMap whose entries become environment variables.',
  {
    name: optional([1, 1], text, 'Name of the ConfigMap.'),
    optional: optional(2, boolean, 'Whether the container starts without it.'),
  },
)
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = object(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'An entry of a ConfigMap.',
  {
    name: optional([1, 1], text, 'Name of the ConfigMap.'),
    key: required(2, text, 'Key of the entry.'),
    optional: optional(3, boolean, 'Whether the ConfigMap or the key may be missing.'),
  },
  { mapType: 'atomic' },
)
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const FileKeySelector = object(
  'io.k8s.api.core.v1.FileKeySelector',
  'A variable in an environment file on a volume.',
  {
    volumeName: required(1, text, 'Name of the volume that holds the file.'),
    path: required(2, text, 'Path of the file in the volume.'),
    key: required(3, text, 'Name of the variable in the file.'),
    optional: optional(4, boolean, 'Whether the file or the variable may be missing.', { default: false }),
  },
  { mapType: 'atomic' },
)
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const SecretKeySelector = object(
  'io.k8s.api.core.v1.SecretKeySelector',
  'An entry of a Secret.',
  {
    name: optional([1, 1], text, 'Name of the Secret.'),
    key: required(2, text, 'Key of the entry.'),
    optional: optional(3, boolean, 'Whether the Secret or the key may be missing.'),
  },
  { mapType: 'atomic' },
)
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const EnvVarSource = object('io.k8s.api.core.v1.EnvVarSource', 'Where the value of an environment variable comes from.', {
  fieldRef: optional(1, ObjectFieldSelector, 'A field of the pod.'),
  resourceFieldRef: optional(2, ResourceFieldSelector, 'A request or limit of a container.'),
  configMapKeyRef: optional(3, ConfigMapKeySelector, 'An entry of a ConfigMap.'),
  secretKeyRef: optional(4, SecretKeySelector, 'An entry of a Secret.'),
  fileKeyRef: optional(5, FileKeySelector, 'A variable in a file on a volume.'),
})
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = object('io.k8s.api.core.v1.EnvVar', 'An environment variable of a container.', {
  name: required(1, text, 'Name of the variable.'),
  value: optional(2, text, 'Value; $(NAME) stands for variables defined before, $$ for a dollar sign.'),
  valueFrom: optional(3, EnvVarSource, 'Where the value comes from, instead of value.'),
})
export interface EnvVar extends Infer<typeof EnvVar> {}

export const SecretEnvSource = object('io.k8s.api.core.v1.SecretEnvSource', 'A Secret whose entries become environment variables.', {
  name: optional([1, 1], text, 'Name of the Secret.'),
  optional: optional(2, boolean, 'Whether the container starts without it.'),
})
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = object('io.k8s.api.core.v1.EnvFromSource', 'A set of entries that become environment variables.', {
  prefix: optional(1, text, 'Text put in front of each name.'),
  configMapRef: optional(2, ConfigMapEnvSource, 'ConfigMap with the entries.'),
  secretRef: optional(3, SecretEnvSource, 'Secret with the entries.'),
})
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}

export const ExecAction = object('io.k8s.api.core.v1.ExecAction', 'A command to run in the container.', {
  command: optional(1, atomicList(text), 'Program and arguments, run without a shell; exit code 0 is success.'),
})
export interface ExecAction extends Infer<typeof ExecAction> {}

export const HTTPHeader = object('io.k8s.api.core.v1.HTTPHeader', 'A header of a request.', {
  name: required(1, text, 'Name of the header.'),
  value: required(2, text, 'Value of the header.'),
})
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = object('io.k8s.api.core.v1.HTTPGetAction', 'An HTTP request to make; answers from 200 to 399 are success.', {
  path: optional(1, text, 'Path to ask for, / by default.'),
  port: required(2, intOrString, 'Port by number, or by the name of a port of the container.'),
  host: optional(3, text, "Host to connect to; the pod's address by default."),
  scheme: optional(4, text, 'HTTP or HTTPS; certificates are not checked.', { enum: ['HTTP', 'HTTPS'] }),
  httpHeaders: optional(5, atomicList(HTTPHeader), 'Headers to send.'),
})
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const SleepAction = object('io.k8s.api.core.v1.SleepAction', 'A pause.', {
  seconds: required(1, int64, 'How long to pause.', { default: 0 }),
})
export interface SleepAction extends Infer<typeof SleepAction> {}

export const TCPSocketAction = object('io.k8s.api.core.v1.TCPSocketAction', 'A TCP connection to open; that it opens is success.', {
  port: required(1, intOrString, 'Port by number, or by the name of a port of the container.'),
  host: optional(2, text, "Host to connect to; the pod's address by default."),
})
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const LifecycleHandler = object(
  'io.k8s.api.core.v1.LifecycleHandler',
  "What to do at a turn of a container's life; one field is set.",
  {
    exec: optional(1, ExecAction, 'Runs a command in the container.'),
    httpGet: optional(2, HTTPGetAction, 'Makes an HTTP request.'),
    tcpSocket: optional(3, TCPSocketAction, 'Not supported for hooks; kept so that old manifests are accepted.'),
    sleep: optional(4, SleepAction, 'Pauses.'),
  },
)
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Lifecycle = object('io.k8s.api.core.v1.Lifecycle', 'What happens right after a container starts, and before it is stopped.', {
  postStart: optional(1, LifecycleHandler, 'Runs when the container has been created; if it fails, the container is killed.'),
  preStop: optional(2, LifecycleHandler, 'Runs before the signal to stop; its time counts against the grace period.'),
  stopSignal: optional(3, text, "Signal that stops the container; the image's by default.", { enum: stopSignals }),
})
export interface Lifecycle extends Infer<typeof Lifecycle> {}

export const GRPCAction = object('io.k8s.api.core.v1.GRPCAction', 'A call of the gRPC health service.', {
  port: required(1, int32, 'Port by number.', { default: 0 }),
  service: optional(2, text, 'Name of the service to ask about.'),
})
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const Probe = object('io.k8s.api.core.v1.Probe', 'A check that the kubelet makes of a container from time to time.', {
  exec: optional([1, 1], ExecAction, 'Runs a command in the container.'),
  httpGet: optional([1, 2], HTTPGetAction, 'Makes an HTTP request.'),
  tcpSocket: optional([1, 3], TCPSocketAction, 'Opens a TCP connection.'),
  grpc: optional([1, 4], GRPCAction, 'Calls the gRPC health service.'),
  initialDelaySeconds: optional(2, int32, "Seconds after the container's start before the first check."),
  timeoutSeconds: optional(3, int32, 'Seconds after which a check has failed, 1 by default.'),
  periodSeconds: optional(4, int32, 'Seconds between checks, 10 by default.'),
  successThreshold: optional(5, int32, 'Successes in a row that end a failure, 1 by default.'),
  failureThreshold: optional(6, int32, 'Failures in a row that count as failed, 3 by default.'),
  terminationGracePeriodSeconds: optional(7, int64, 'Grace period of the pod when this probe fails, instead of its own.'),
})
export interface Probe extends Infer<typeof Probe> {}

export const ContainerPort = object('io.k8s.api.core.v1.ContainerPort', 'A port that a container listens on.', {
  name: optional(1, text, 'Name by which services and probes may refer to it, unique in the pod.'),
  hostPort: optional(2, int32, 'Port of the node that leads here.'),
  containerPort: required(3, int32, 'Port that the container listens on.', { default: 0 }),
  protocol: optional(4, text, 'TCP, UDP or SCTP.', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  hostIP: optional(5, text, 'Address of the node that hostPort is bound to.'),
})
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ContainerResizePolicy = object(
  'io.k8s.api.core.v1.ContainerResizePolicy',
  'What a container needs when its resources change while it runs.',
  {
    resourceName: required(1, text, 'cpu or memory.'),
    restartPolicy: required(2, text, 'NotRequired, or RestartContainer.'),
  },
)
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ResourceClaim = object('io.k8s.api.core.v1.ResourceClaim', 'A claim of the pod that a container uses.', {
  name: required(1, text, "Name in the pod's list of claims."),
  request: optional(2, text, 'One request of the claim; all of them by default.'),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceRequirements = object(
  'io.k8s.api.core.v1.ResourceRequirements',
  'How much of what is needed at least and allowed at most.',
  {
    limits: optional(1, map(quantity), 'What may be used at most.'),
    requests: optional(2, map(quantity), 'What is set aside; the limits where absent.'),
    claims: optional(3, keyedList(ResourceClaim, 'name'), 'Claims of the pod that are used.'),
  },
)
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

export const ContainerRestartRuleOnExitCodes = object('io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes', 'A rule about exit codes.', {
  operator: required(1, text, 'In or NotIn.'),
  values: optional(2, setList(int32), 'Exit codes.'),
})
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = object(
  'io.k8s.api.core.v1.ContainerRestartRule',
  'What to do when a container ends in a certain way.',
  {
    action: required(1, text, 'What to do: Restart.'),
    exitCodes: optional(2, ContainerRestartRuleOnExitCodes, 'Exit codes that the rule is about.'),
  },
)
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

export const SELinuxOptions = object('io.k8s.api.core.v1.SELinuxOptions', 'An SELinux label.', {
  user: optional(1, text, 'User part of the label.'),
  role: optional(2, text, 'Role part of the label.'),
  type: optional(3, text, 'Type part of the label.'),
  level: optional(4, text, 'Level part of the label.'),
})
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

export const SeccompProfile = object('io.k8s.api.core.v1.SeccompProfile', 'A list of system calls that may be made.', {
  type: required(1, text, 'Localhost for a file on the node, RuntimeDefault, or Unconfined for no restriction.', {
    enum: ['Localhost', 'RuntimeDefault', 'Unconfined'],
  }),
  localhostProfile: optional(2, text, "Path of the file below the kubelet's directory of profiles, with type Localhost."),
})
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

export const WindowsSecurityContextOptions = object(
  'io.k8s.api.core.v1.WindowsSecurityContextOptions',
  'Security settings that only Windows has.',
  {
    gmsaCredentialSpecName: optional(1, text, 'Name of the credential spec of a group managed service account.'),
    gmsaCredentialSpec: optional(2, text, 'Contents of that credential spec.'),
    runAsUserName: optional(3, text, 'User that the first process runs as.'),
    hostProcess: optional(4, boolean, 'Runs as a process of the host.'),
  },
)
export interface WindowsSecurityContextOptions extends Infer<typeof WindowsSecurityContextOptions> {}

export const SecurityContext = object(
  'io.k8s.api.core.v1.SecurityContext',
  'Security settings of a container; they win over those of the pod.',
  {
    capabilities: optional(1, Capabilities, 'Linux capabilities to give and to take.'),
    privileged: optional(2, boolean, 'Gives the container all that root on the node has.'),
    seLinuxOptions: optional(3, SELinuxOptions, 'SELinux label.'),
    runAsUser: optional(4, int64, 'User id that the first process runs as.'),
    runAsNonRoot: optional(5, boolean, 'Refuses to start if it would run as root.'),
    readOnlyRootFilesystem: optional(6, boolean, 'Mounts the root file system read-only.'),
    allowPrivilegeEscalation: optional(7, boolean, 'Whether a process may gain more rights than its parent has.'),
    runAsGroup: optional(8, int64, 'Group id that the first process runs as.'),
    procMount: optional(9, text, 'Default hides parts of /proc; Unmasked shows them.', { enum: ['Default', 'Unmasked'] }),
    windowsOptions: optional(10, WindowsSecurityContextOptions, 'Settings that only Windows containers have.'),
    seccompProfile: optional(11, SeccompProfile, 'System calls that may be made.'),
    appArmorProfile: optional(12, AppArmorProfile, 'AppArmor profile that confines the container.'),
  },
)
export interface SecurityContext extends Infer<typeof SecurityContext> {}

export const VolumeDevice = object('io.k8s.api.core.v1.VolumeDevice', 'A block device of the pod in a container.', {
  name: required(1, text, 'Name of the volume, a claim in block mode.'),
  devicePath: required(2, text, 'Path of the device in the container.'),
})
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const VolumeMount = object('io.k8s.api.core.v1.VolumeMount', 'A volume of the pod in a container.', {
  name: required(1, text, 'Name of the volume.'),
  readOnly: optional(2, boolean, 'Mounts it read-only.'),
  mountPath: required(3, text, 'Path in the container, without a colon.'),
  subPath: optional(4, text, 'Path in the volume to mount instead of its root.'),
  mountPropagation: optional(5, text, 'Whether mounts made later pass between node and container.', {
    enum: ['Bidirectional', 'HostToContainer', 'None'],
  }),
  subPathExpr: optional(6, text, 'Like subPath, with $(NAME) standing for environment variables.'),
  recursiveReadOnly: optional(7, text, 'Whether mounts below a read-only one are read-only too.'),
})
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const Container = object('io.k8s.api.core.v1.Container', 'A program to run, with its image, settings and resources.', {
  name: required(1, text, 'Name of the container, unique in the pod.'),
  image: optional(2, text, 'Image to run.'),
  command: optional(3, atomicList(text), "Program to run instead of the image's entry point, without a shell."),
  args: optional(4, atomicList(text), "Arguments; the image's by default."),
  workingDir: optional(5, text, "Directory to start in; the image's by default."),
  ports: optional(
    6,
    keyedList(ContainerPort, 'containerPort', 'protocol'),
    'Ports that it listens on; for information, and for hostPort.',
    { patchStrategy: 'merge', patchMergeKey: 'containerPort' },
  ),
  env: optional(7, keyedList(EnvVar, 'name'), 'Environment variables.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  resources: optional(8, ResourceRequirements, 'What it needs and may use.'),
  volumeMounts: optional(9, keyedList(VolumeMount, 'mountPath'), 'Volumes of the pod that it mounts.', {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  livenessProbe: optional(10, Probe, 'Check whose failure has the container killed and started again.'),
  readinessProbe: optional(11, Probe, 'Check whose failure takes the pod out of its services.'),
  lifecycle: optional(12, Lifecycle, 'What happens after its start and before its end.'),
  terminationMessagePath: optional(13, text, 'File in which it may leave a last message.'),
  imagePullPolicy: optional(14, text, 'When to pull the image: Always, IfNotPresent or Never.', {
    enum: ['Always', 'IfNotPresent', 'Never'],
  }),
  securityContext: optional(15, SecurityContext, 'Security settings.'),
  stdin: optional(16, boolean, 'Keeps its standard input open.'),
  stdinOnce: optional(17, boolean, 'Closes standard input after the first session.'),
  tty: optional(18, boolean, 'Gives it a terminal; needs stdin.'),
  envFrom: optional(19, atomicList(EnvFromSource), 'Sets of entries that become environment variables.'),
  terminationMessagePolicy: optional(20, text, 'Whether the end of the log stands in for an empty last message.', {
    enum: ['FallbackToLogsOnError', 'File'],
  }),
  volumeDevices: optional(21, keyedList(VolumeDevice, 'devicePath'), 'Block devices of the pod that it uses.', {
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
  }),
  startupProbe: optional(22, Probe, 'Check that must succeed before the other probes begin.'),
  resizePolicy: optional(23, atomicList(ContainerResizePolicy), 'What a change of its resources needs.'),
  restartPolicy: optional(24, text, 'When it is started again, instead of what the pod says; Always makes an init container a sidecar.'),
  restartPolicyRules: optional(25, atomicList(ContainerRestartRule), 'Rules that are looked at before restartPolicy.'),
})
export interface Container extends Infer<typeof Container> {}

export const EphemeralContainer = object(
  'io.k8s.api.core.v1.EphemeralContainer',
  'A container added to a running pod to look into it; it has no guarantees and is not started again.',
  {
    name: required([1, 1], text, 'Name of the container, unique in the pod.'),
    image: optional([1, 2], text, 'Image to run.'),
    command: optional([1, 3], atomicList(text), "Program to run instead of the image's entry point, without a shell."),
    args: optional([1, 4], atomicList(text), "Arguments; the image's by default."),
    workingDir: optional([1, 5], text, "Directory to start in; the image's by default."),
    ports: optional([1, 6], keyedList(ContainerPort, 'containerPort', 'protocol'), 'Not allowed here.', {
      patchStrategy: 'merge',
      patchMergeKey: 'containerPort',
    }),
    env: optional([1, 7], keyedList(EnvVar, 'name'), 'Environment variables.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
    resources: optional([1, 8], ResourceRequirements, 'Not allowed here.'),
    volumeMounts: optional([1, 9], keyedList(VolumeMount, 'mountPath'), 'Volumes of the pod that it mounts, without subPath.', {
      patchStrategy: 'merge',
      patchMergeKey: 'mountPath',
    }),
    livenessProbe: optional([1, 10], Probe, 'Not allowed here.'),
    readinessProbe: optional([1, 11], Probe, 'Not allowed here.'),
    lifecycle: optional([1, 12], Lifecycle, 'Not allowed here.'),
    terminationMessagePath: optional([1, 13], text, 'File in which it may leave a last message.'),
    imagePullPolicy: optional([1, 14], text, 'When to pull the image: Always, IfNotPresent or Never.', {
      enum: ['Always', 'IfNotPresent', 'Never'],
    }),
    securityContext: optional([1, 15], SecurityContext, 'Security settings.'),
    stdin: optional([1, 16], boolean, 'Keeps its standard input open.'),
    stdinOnce: optional([1, 17], boolean, 'Closes standard input after the first session.'),
    tty: optional([1, 18], boolean, 'Gives it a terminal; needs stdin.'),
    envFrom: optional([1, 19], atomicList(EnvFromSource), 'Sets of entries that become environment variables.'),
    terminationMessagePolicy: optional([1, 20], text, 'Whether the end of the log stands in for an empty last message.', {
      enum: ['FallbackToLogsOnError', 'File'],
    }),
    volumeDevices: optional([1, 21], keyedList(VolumeDevice, 'devicePath'), 'Block devices of the pod that it uses.', {
      patchStrategy: 'merge',
      patchMergeKey: 'devicePath',
    }),
    startupProbe: optional([1, 22], Probe, 'Not allowed here.'),
    resizePolicy: optional([1, 23], atomicList(ContainerResizePolicy), 'Not allowed here.'),
    restartPolicy: optional([1, 24], text, 'Not allowed here.'),
    restartPolicyRules: optional([1, 25], atomicList(ContainerRestartRule), 'Not allowed here.'),
    targetContainerName: optional(2, text, 'Container whose processes it is to see.'),
  },
)
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
