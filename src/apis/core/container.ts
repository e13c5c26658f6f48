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

export const AppArmorProfile = object('io.k8s.api.core.v1.AppArmorProfile', '', {
  type: required(1, text, '', { enum: ['Localhost', 'RuntimeDefault', 'Unconfined'] }),
  localhostProfile: optional(2, text, ''),
})
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

export const Capabilities = object('io.k8s.api.core.v1.Capabilities', '', {
  add: optional(1, atomicList(text), ''),
  drop: optional(2, atomicList(text), ''),
})
export interface Capabilities extends Infer<typeof Capabilities> {}

export const ConfigMapEnvSource = object('io.k8s.api.core.v1.ConfigMapEnvSource', '', {
  name: optional([1, 1], text, ''),
  optional: optional(2, boolean, ''),
})
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = object(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  '',
  {
    name: optional([1, 1], text, ''),
    key: required(2, text, ''),
    optional: optional(3, boolean, ''),
  },
  { mapType: 'atomic' },
)
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const FileKeySelector = object(
  'io.k8s.api.core.v1.FileKeySelector',
  '',
  {
    volumeName: required(1, text, ''),
    path: required(2, text, ''),
    key: required(3, text, ''),
    optional: optional(4, boolean, '', { default: false }),
  },
  { mapType: 'atomic' },
)
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const SecretKeySelector = object(
  'io.k8s.api.core.v1.SecretKeySelector',
  '',
  {
    name: optional([1, 1], text, ''),
    key: required(2, text, ''),
    optional: optional(3, boolean, ''),
  },
  { mapType: 'atomic' },
)
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const EnvVarSource = object('io.k8s.api.core.v1.EnvVarSource', '', {
  fieldRef: optional(1, ObjectFieldSelector, ''),
  resourceFieldRef: optional(2, ResourceFieldSelector, ''),
  configMapKeyRef: optional(3, ConfigMapKeySelector, ''),
  secretKeyRef: optional(4, SecretKeySelector, ''),
  fileKeyRef: optional(5, FileKeySelector, ''),
})
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = object('io.k8s.api.core.v1.EnvVar', '', {
  name: required(1, text, ''),
  value: optional(2, text, ''),
  valueFrom: optional(3, EnvVarSource, ''),
})
export interface EnvVar extends Infer<typeof EnvVar> {}

export const SecretEnvSource = object('io.k8s.api.core.v1.SecretEnvSource', '', {
  name: optional([1, 1], text, ''),
  optional: optional(2, boolean, ''),
})
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = object('io.k8s.api.core.v1.EnvFromSource', '', {
  prefix: optional(1, text, ''),
  configMapRef: optional(2, ConfigMapEnvSource, ''),
  secretRef: optional(3, SecretEnvSource, ''),
})
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}

export const ExecAction = object('io.k8s.api.core.v1.ExecAction', '', {
  command: optional(1, atomicList(text), ''),
})
export interface ExecAction extends Infer<typeof ExecAction> {}

export const HTTPHeader = object('io.k8s.api.core.v1.HTTPHeader', '', {
  name: required(1, text, ''),
  value: required(2, text, ''),
})
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = object('io.k8s.api.core.v1.HTTPGetAction', '', {
  path: optional(1, text, ''),
  port: required(2, intOrString, ''),
  host: optional(3, text, ''),
  scheme: optional(4, text, '', { enum: ['HTTP', 'HTTPS'] }),
  httpHeaders: optional(5, atomicList(HTTPHeader), ''),
})
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const SleepAction = object('io.k8s.api.core.v1.SleepAction', '', {
  seconds: required(1, int64, '', { default: 0 }),
})
export interface SleepAction extends Infer<typeof SleepAction> {}

export const TCPSocketAction = object('io.k8s.api.core.v1.TCPSocketAction', '', {
  port: required(1, intOrString, ''),
  host: optional(2, text, ''),
})
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const LifecycleHandler = object('io.k8s.api.core.v1.LifecycleHandler', '', {
  exec: optional(1, ExecAction, ''),
  httpGet: optional(2, HTTPGetAction, ''),
  tcpSocket: optional(3, TCPSocketAction, ''),
  sleep: optional(4, SleepAction, ''),
})
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Lifecycle = object('io.k8s.api.core.v1.Lifecycle', '', {
  postStart: optional(1, LifecycleHandler, ''),
  preStop: optional(2, LifecycleHandler, ''),
  stopSignal: optional(3, text, '', {
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGRTMAX',
      'SIGRTMAX-1',
      'SIGRTMAX-10',
      'SIGRTMAX-11',
      'SIGRTMAX-12',
      'SIGRTMAX-13',
      'SIGRTMAX-14',
      'SIGRTMAX-2',
      'SIGRTMAX-3',
      'SIGRTMAX-4',
      'SIGRTMAX-5',
      'SIGRTMAX-6',
      'SIGRTMAX-7',
      'SIGRTMAX-8',
      'SIGRTMAX-9',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
    ],
  }),
})
export interface Lifecycle extends Infer<typeof Lifecycle> {}

export const GRPCAction = object('io.k8s.api.core.v1.GRPCAction', '', {
  port: required(1, int32, '', { default: 0 }),
  service: optional(2, text, ''),
})
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const Probe = object('io.k8s.api.core.v1.Probe', '', {
  exec: optional([1, 1], ExecAction, ''),
  httpGet: optional([1, 2], HTTPGetAction, ''),
  tcpSocket: optional([1, 3], TCPSocketAction, ''),
  grpc: optional([1, 4], GRPCAction, ''),
  initialDelaySeconds: optional(2, int32, ''),
  timeoutSeconds: optional(3, int32, ''),
  periodSeconds: optional(4, int32, ''),
  successThreshold: optional(5, int32, ''),
  failureThreshold: optional(6, int32, ''),
  terminationGracePeriodSeconds: optional(7, int64, ''),
})
export interface Probe extends Infer<typeof Probe> {}

export const ContainerPort = object('io.k8s.api.core.v1.ContainerPort', '', {
  name: optional(1, text, ''),
  hostPort: optional(2, int32, ''),
  containerPort: required(3, int32, '', { default: 0 }),
  protocol: optional(4, text, '', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  hostIP: optional(5, text, ''),
})
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ContainerResizePolicy = object('io.k8s.api.core.v1.ContainerResizePolicy', '', {
  resourceName: required(1, text, ''),
  restartPolicy: required(2, text, ''),
})
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ResourceClaim = object('io.k8s.api.core.v1.ResourceClaim', '', {
  name: required(1, text, ''),
  request: optional(2, text, ''),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceRequirements = object('io.k8s.api.core.v1.ResourceRequirements', '', {
  limits: optional(1, map(quantity), ''),
  requests: optional(2, map(quantity), ''),
  claims: optional(3, keyedList(ResourceClaim, 'name'), ''),
})
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

export const ContainerRestartRuleOnExitCodes = object('io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes', '', {
  operator: required(1, text, ''),
  values: optional(2, setList(int32), ''),
})
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = object('io.k8s.api.core.v1.ContainerRestartRule', '', {
  action: required(1, text, ''),
  exitCodes: optional(2, ContainerRestartRuleOnExitCodes, ''),
})
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

export const SELinuxOptions = object('io.k8s.api.core.v1.SELinuxOptions', '', {
  user: optional(1, text, ''),
  role: optional(2, text, ''),
  type: optional(3, text, ''),
  level: optional(4, text, ''),
})
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

export const SeccompProfile = object('io.k8s.api.core.v1.SeccompProfile', '', {
  type: required(1, text, '', { enum: ['Localhost', 'RuntimeDefault', 'Unconfined'] }),
  localhostProfile: optional(2, text, ''),
})
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

export const WindowsSecurityContextOptions = object('io.k8s.api.core.v1.WindowsSecurityContextOptions', '', {
  gmsaCredentialSpecName: optional(1, text, ''),
  gmsaCredentialSpec: optional(2, text, ''),
  runAsUserName: optional(3, text, ''),
  hostProcess: optional(4, boolean, ''),
})
export interface WindowsSecurityContextOptions extends Infer<typeof WindowsSecurityContextOptions> {}

export const SecurityContext = object('io.k8s.api.core.v1.SecurityContext', '', {
  capabilities: optional(1, Capabilities, ''),
  privileged: optional(2, boolean, ''),
  seLinuxOptions: optional(3, SELinuxOptions, ''),
  runAsUser: optional(4, int64, ''),
  runAsNonRoot: optional(5, boolean, ''),
  readOnlyRootFilesystem: optional(6, boolean, ''),
  allowPrivilegeEscalation: optional(7, boolean, ''),
  runAsGroup: optional(8, int64, ''),
  procMount: optional(9, text, '', { enum: ['Default', 'Unmasked'] }),
  windowsOptions: optional(10, WindowsSecurityContextOptions, ''),
  seccompProfile: optional(11, SeccompProfile, ''),
  appArmorProfile: optional(12, AppArmorProfile, ''),
})
export interface SecurityContext extends Infer<typeof SecurityContext> {}

export const VolumeDevice = object('io.k8s.api.core.v1.VolumeDevice', '', {
  name: required(1, text, ''),
  devicePath: required(2, text, ''),
})
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const VolumeMount = object('io.k8s.api.core.v1.VolumeMount', '', {
  name: required(1, text, ''),
  readOnly: optional(2, boolean, ''),
  mountPath: required(3, text, ''),
  subPath: optional(4, text, ''),
  mountPropagation: optional(5, text, '', { enum: ['Bidirectional', 'HostToContainer', 'None'] }),
  subPathExpr: optional(6, text, ''),
  recursiveReadOnly: optional(7, text, ''),
})
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const Container = object('io.k8s.api.core.v1.Container', '', {
  name: required(1, text, ''),
  image: optional(2, text, ''),
  command: optional(3, atomicList(text), ''),
  args: optional(4, atomicList(text), ''),
  workingDir: optional(5, text, ''),
  ports: optional(6, keyedList(ContainerPort, 'containerPort', 'protocol'), '', { patchStrategy: 'merge', patchMergeKey: 'containerPort' }),
  env: optional(7, keyedList(EnvVar, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  resources: optional(8, ResourceRequirements, ''),
  volumeMounts: optional(9, keyedList(VolumeMount, 'mountPath'), '', { patchStrategy: 'merge', patchMergeKey: 'mountPath' }),
  livenessProbe: optional(10, Probe, ''),
  readinessProbe: optional(11, Probe, ''),
  lifecycle: optional(12, Lifecycle, ''),
  terminationMessagePath: optional(13, text, ''),
  imagePullPolicy: optional(14, text, '', { enum: ['Always', 'IfNotPresent', 'Never'] }),
  securityContext: optional(15, SecurityContext, ''),
  stdin: optional(16, boolean, ''),
  stdinOnce: optional(17, boolean, ''),
  tty: optional(18, boolean, ''),
  envFrom: optional(19, atomicList(EnvFromSource), ''),
  terminationMessagePolicy: optional(20, text, '', { enum: ['FallbackToLogsOnError', 'File'] }),
  volumeDevices: optional(21, keyedList(VolumeDevice, 'devicePath'), '', { patchStrategy: 'merge', patchMergeKey: 'devicePath' }),
  startupProbe: optional(22, Probe, ''),
  resizePolicy: optional(23, atomicList(ContainerResizePolicy), ''),
  restartPolicy: optional(24, text, ''),
  restartPolicyRules: optional(25, atomicList(ContainerRestartRule), ''),
})
export interface Container extends Infer<typeof Container> {}

export const EphemeralContainer = object('io.k8s.api.core.v1.EphemeralContainer', '', {
  name: required([1, 1], text, ''),
  image: optional([1, 2], text, ''),
  command: optional([1, 3], atomicList(text), ''),
  args: optional([1, 4], atomicList(text), ''),
  workingDir: optional([1, 5], text, ''),
  ports: optional([1, 6], keyedList(ContainerPort, 'containerPort', 'protocol'), '', {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
  }),
  env: optional([1, 7], keyedList(EnvVar, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  resources: optional([1, 8], ResourceRequirements, ''),
  volumeMounts: optional([1, 9], keyedList(VolumeMount, 'mountPath'), '', { patchStrategy: 'merge', patchMergeKey: 'mountPath' }),
  livenessProbe: optional([1, 10], Probe, ''),
  readinessProbe: optional([1, 11], Probe, ''),
  lifecycle: optional([1, 12], Lifecycle, ''),
  terminationMessagePath: optional([1, 13], text, ''),
  imagePullPolicy: optional([1, 14], text, '', { enum: ['Always', 'IfNotPresent', 'Never'] }),
  securityContext: optional([1, 15], SecurityContext, ''),
  stdin: optional([1, 16], boolean, ''),
  stdinOnce: optional([1, 17], boolean, ''),
  tty: optional([1, 18], boolean, ''),
  envFrom: optional([1, 19], atomicList(EnvFromSource), ''),
  terminationMessagePolicy: optional([1, 20], text, '', { enum: ['FallbackToLogsOnError', 'File'] }),
  volumeDevices: optional([1, 21], keyedList(VolumeDevice, 'devicePath'), '', { patchStrategy: 'merge', patchMergeKey: 'devicePath' }),
  startupProbe: optional([1, 22], Probe, ''),
  resizePolicy: optional([1, 23], atomicList(ContainerResizePolicy), ''),
  restartPolicy: optional([1, 24], text, ''),
  restartPolicyRules: optional([1, 25], atomicList(ContainerRestartRule), ''),
  targetContainerName: optional(2, text, ''),
})
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
