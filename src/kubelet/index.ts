/**
 * The node's agent: runs the pods that are bound to its node. In go the API's pods (through `client` alone) and a container runtime;
 * out come containers, statuses, events and the node's heartbeat. It owns no state that it can't find again in the API, in labels of
 * the runtime and in pod directories; it never touches containers of others, and it leaves containers running when it ends.
 *
 * A pod's way: `pods/pod-workers` gives each pod a worker; `pods/plan` (pure) compares what is wanted with what is there;
 * `pods/sync-pod` does the difference; `status/` tells the API; `pods/terminate-pod` ends it.
 */
export { controlGroupReadings } from './host/control-group-usage.ts'
export { linuxHost } from './host/linux.ts'
export { describeMachine } from './host/machine.ts'
export { simulatedHost } from './host/simulated.ts'
export type { HostAccess } from './host/types.ts'
export { startKubelet } from './kubelet.ts'
export type { Directories, Kubelet, KubeletContainer, KubeletOptions, KubeletPod, KubeletPods, NodeDescription } from './options.ts'
export { networkTransport, type ProbeTransport, simulatedTransport } from './probes/transport.ts'
export { createSimulatedRuntime, type ImageBehaviour, type SimulatedRuntimeOptions } from './runtime/simulated.ts'
export type { MountedVolume, VolumeContext, VolumePlugin } from './volumes/types.ts'
