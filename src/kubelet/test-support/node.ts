import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import { createMetrics, seededRandom, silentLogger } from '../../base/index.ts'
import type { EventRecorder } from '../../client/types.ts'
import { simulatedHost } from '../host/simulated.ts'
import type { HostAccess } from '../host/types.ts'
import { startKubelet } from '../kubelet.ts'
import type { Kubelet, KubeletOptions } from '../options.ts'
import { type ProbeTransport, simulatedTransport } from '../probes/transport.ts'
import { createSimulatedRuntime, type SimulatedRuntimeOptions } from '../runtime/simulated.ts'
import type { ContainerRuntime } from '../runtime/types.ts'
import { type FakeClient, fakeClient } from './fake-client.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

export interface TestNode {
  readonly clock: ManualClock
  readonly client: FakeClient
  readonly runtime: ContainerRuntime
  /** `Normal Started Container started`, with the object's name in front where it isn't a pod. */
  readonly events: string[]
  kubelet: Kubelet
  /** Ends the kubelet and starts the next one over the same runtime and API. */
  restart(): Promise<void>
  pod(name?: string): Pod
  create(spec: Partial<PodSpec>, metadata?: Partial<Pod['metadata']>): Pod
  close(): Promise<void>
}

export interface TestNodeOptions {
  readonly images?: SimulatedRuntimeOptions['image']
  readonly host?: HostAccess
  readonly transport?: ProbeTransport
  readonly directories?: KubeletOptions['directories']
  /** Instead of the simulated one. */
  readonly runtime?: ContainerRuntime
  readonly cgroupRoot?: string
  readonly kubelet?: Partial<KubeletOptions>
}

export const nodeName = 'node-1'

export async function startTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const clock = manualClock()
  const client = fakeClient(clock.now)
  const runtime = options.runtime ?? createSimulatedRuntime({ clock, image: options.images })
  const events: string[] = []
  const recorder: EventRecorder = { record: (_object, _kind, type, reason, message) => void events.push(`${type} ${reason} ${message}`) }
  const start = () =>
    startKubelet({
      client,
      runtime,
      host: options.host ?? simulatedHost(),
      node: {
        name: nodeName,
        addresses: [
          { type: 'InternalIP', address: '192.168.0.1' },
          { type: 'Hostname', address: nodeName },
        ],
        labels: {},
        capacity: { cpu: '4', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110' },
        info: {
          machineID: 'machine',
          systemUUID: 'system',
          bootID: 'boot',
          kernelVersion: '6.18',
          osImage: 'Test',
          operatingSystem: 'linux',
          architecture: 'amd64',
          kubeletVersion: 'v1.36.2+proa',
        },
        cgroupRoot: options.cgroupRoot ?? '/proa/test/node-1',
        serverPort: 10250,
      },
      directories: options.directories ?? { pods: '/pods', logs: '/logs' },
      clusterDns: ['10.43.0.10'],
      clusterDomain: 'cluster.local',
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      metrics: createMetrics(),
      events: recorder,
      probeTransport: options.transport ?? simulatedTransport(),
      ...options.kubelet,
    })
  const node: TestNode = {
    clock,
    client,
    runtime,
    events,
    kubelet: await start(),
    async restart() {
      await node.kubelet.close()
      node.kubelet = await start()
    },
    pod(name = 'web') {
      const pod = client.informer(podKind).get('default', name)
      if (!pod) throw new Error(`pod ${name} is not in the API`)
      return pod
    },
    create(spec, metadata = {}) {
      const { name = 'web' } = metadata
      return client.put(podKind, {
        metadata: { name, namespace: 'default', uid: `${name}-uid`, generation: 1, ...metadata },
        spec: {
          nodeName,
          restartPolicy: 'Always',
          dnsPolicy: 'ClusterFirst',
          terminationGracePeriodSeconds: 30,
          enableServiceLinks: true,
          containers: [{ name: 'main', image: 'busybox:1.35' }],
          ...spec,
        },
        status: { phase: 'Pending', qosClass: 'BestEffort' },
      })
    },
    async close() {
      await node.kubelet.close()
      if (!options.runtime) await runtime.close()
      await client.close()
    },
  }
  return node
}
