import type { Clock, Logger, MetricsRegistry, Random } from '../base/index.ts'
import { createEventRecorder } from '../client/index.ts'
import {
  createSimulatedRuntime,
  type ImageBehaviour,
  type Kubelet,
  simulatedHost,
  simulatedTransport,
  startKubelet,
} from '../kubelet/index.ts'
import type { ControlPlane } from './control-plane.ts'
import { simulatedLabel } from './simulated-pods.ts'
import { versionInfo } from './version.ts'

/** Nodes that only pretend: real kubelets over a simulated runtime and host, in the control plane's own process. */
export interface SimulatedNodes {
  readonly kubelets: readonly Kubelet[]
  close(): Promise<void>
}

export interface SimulatedNodesOptions {
  readonly simulatedNodes: number
  readonly dnsAddress: string
  readonly clusterDomain: string
  readonly name: string
  readonly image?: (image: string) => ImageBehaviour | undefined
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

export async function startSimulatedNodes(
  controlPlane: ControlPlane,
  options: SimulatedNodesOptions,
  { clock, random, logger, metrics }: World,
): Promise<SimulatedNodes> {
  const kubelets: Kubelet[] = []
  const closers: (() => Promise<void>)[] = []
  for (let index = 1; index <= Math.max(1, options.simulatedNodes); index++) {
    const name = `node-${index}`
    const client = controlPlane.clientAs({ name: `system:node:${name}`, groups: ['system:nodes'] }, 'kubelet')
    const events = createEventRecorder({ client, component: 'kubelet', host: name, clock, logger })
    const runtime = createSimulatedRuntime({
      clock,
      image: options.image,
      address: pod => [`10.${200 + Math.floor(index / 256)}.${index % 256}.${(pod % 254) + 1}`],
    })
    const kubelet = await startKubelet({
      client,
      runtime,
      host: simulatedHost(),
      probeTransport: simulatedTransport(),
      node: {
        name,
        addresses: [
          { type: 'InternalIP', address: `172.30.${Math.floor(index / 256)}.${index % 256}` },
          { type: 'Hostname', address: name },
        ],
        labels: simulatedLabel,
        capacity: { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '110' },
        info: {
          machineID: name,
          systemUUID: name,
          bootID: name,
          kernelVersion: 'simulated',
          osImage: 'simulated',
          operatingSystem: 'linux',
          architecture: 'amd64',
          kubeletVersion: versionInfo().gitVersion,
        },
        cgroupRoot: `/proa/${options.name}/${name}`,
        serverPort: 10250,
      },
      directories: { pods: `/simulated/${name}/pods`, logs: `/simulated/${name}/logs` },
      clusterDns: [options.dnsAddress],
      clusterDomain: options.clusterDomain,
      clock,
      random,
      logger: logger.with({ node: name }),
      metrics,
      events,
    })
    kubelets.push(kubelet)
    closers.push(async () => {
      await kubelet.close()
      await events.close()
      await runtime.close()
    })
  }
  return { kubelets, close: async () => void (await Promise.all(closers.map(close => close()))) }
}
