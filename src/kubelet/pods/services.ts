import type { Service } from '../../apis/core/service.ts'
import type { Clock, Logger } from '../../base/index.ts'
import type { Client, EventRecorder, Informer } from '../../client/types.ts'
import type { HostAccess } from '../host/types.ts'
import type { ImagePulls } from '../images/image-pulls.ts'
import type { ReferencedObjects } from '../objects/referenced-objects.ts'
import type { Directories, NodeDescription } from '../options.ts'
import type { Prober } from '../probes/prober.ts'
import type { ProbeTransport } from '../probes/transport.ts'
import type { ContainerRuntime } from '../runtime/types.ts'
import type { StatusWriter } from '../status/status-writer.ts'
import type { VolumeSetup } from '../volumes/pod-volumes.ts'
import type { DnsSettings } from './dns.ts'
import type { RuntimeState } from './runtime-state.ts'
import type { StartGate } from './start-gate.ts'

/** What all pod workers of a kubelet share. */
export interface PodServices {
  readonly client: Client
  readonly runtime: ContainerRuntime
  readonly host: HostAccess
  readonly node: NodeDescription
  readonly allocatable: Readonly<Record<string, string>>
  readonly directories: Required<Directories>
  readonly dns: DnsSettings
  readonly clock: Clock
  readonly logger: Logger
  readonly events: EventRecorder
  readonly state: RuntimeState
  readonly objects: ReferencedObjects
  readonly images: ImagePulls
  readonly services: Informer<Service>
  readonly volumes: VolumeSetup
  readonly prober: Prober
  readonly transport: ProbeTransport
  readonly statuses: StatusWriter
  readonly gate: StartGate
  readonly hostAddresses: readonly string[]
  readonly endpointsGone: ((podUid: string, signal: AbortSignal) => Promise<void>) | undefined
}
