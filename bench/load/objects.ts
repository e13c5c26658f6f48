/** What the phases write: the same objects on every server, so that figures can be compared. */

const payload = 'x'.repeat(1024)

export const collection = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`

export const configMap = (name: string, seq = '0') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app: 'bench' } },
  data: { payload, seq },
})

/** A pod that no scheduler takes, unless one is named; `idx` is what the selective list asks for. */
export const pod = (name: string, index: number, schedulerName = 'no-such-scheduler') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'bench', idx: String(index % 100) } },
  spec: {
    schedulerName,
    containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10.2', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
  },
})

const resources = { cpu: '32', memory: '256Gi', pods: '110' }

export const node = (index: number, now: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `fake-${index}`,
    labels: { 'kubernetes.io/hostname': `fake-${index}`, 'topology.kubernetes.io/zone': `z${index % 3}`, type: 'fake' },
  },
  spec: { providerID: `fake://${index}` },
  status: {
    capacity: resources,
    allocatable: resources,
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now }],
  },
})
