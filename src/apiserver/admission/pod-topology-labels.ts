import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Binding } from '../../apis/core/binding.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { isPod, kindOf } from './requests.ts'

/**
 * A pod learns the zone and the region of its node: as labels of the binding, which become the pod's, or of a pod that is
 * created on a node. The node's word counts; a node that is not known has none.
 */
export const podTopologyLabels: AdmissionStep = {
  name: 'PodTopologyLabels',
  handles: request => request.operation === 'CREATE' && (isPod(request) || isBinding(request)),
  mutate(request) {
    const node = isBinding(request) ? targetOf(request.object as Binding) : (request.object as Pod).spec?.nodeName
    return node ? withLabelsOf(request, node) : request.object
  },
}

const topologyLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

const isBinding = ({ kind, subresource }: AdmissionRequest): boolean =>
  kind.group === '' && kind.resource === 'pods' && subresource === 'binding'

const targetOf = ({ target }: Binding): string | undefined => (target?.kind === 'Node' ? target.name : undefined)

function withLabelsOf({ object, objects }: AdmissionRequest, nodeName: string): KubernetesObject | undefined {
  const labels = objects.get(kindOf(objects, '', 'nodes'), '', nodeName)?.metadata.labels ?? {}
  const topology = Object.fromEntries(Object.entries(labels).filter(([key]) => topologyLabels.includes(key)))
  if (!object || Object.keys(topology).length === 0) return object
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...topology } } }
}
