import type { Node, NodeCondition, NodeStatus } from '../../apis/core/node.ts'
import type { NodeDescription } from '../options.ts'
import type { RuntimeImage } from '../runtime/types.ts'
import { offered } from './offered.ts'

const shownImages = 50

/** The node as it registers itself. */
export function nodeObject(node: NodeDescription, status: NodeStatus): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: nodeLabels(node),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...node.annotations },
    },
    spec: node.taints?.length ? { taints: node.taints } : {},
    status,
  }
}

/** Labels that the kubelet is responsible for; others on the node stay. */
export function nodeLabels({ name, labels, info }: NodeDescription): Record<string, string> {
  const { operatingSystem: os, architecture: arch } = info
  return {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/os': os,
    'kubernetes.io/arch': arch,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': os,
    ...labels,
  }
}

interface StatusInputs {
  readonly conditions: readonly NodeCondition[]
  readonly images: readonly RuntimeImage[]
  readonly runtimeVersion: string
}

export function nodeStatus(
  node: NodeDescription,
  before: NodeStatus | undefined,
  { conditions, images, runtimeVersion }: StatusInputs,
): NodeStatus {
  const { info } = node
  return {
    addresses: node.addresses,
    ...offered(node, before),
    conditions,
    daemonEndpoints: { kubeletEndpoint: { Port: node.serverPort } },
    nodeInfo: { ...info, containerRuntimeVersion: runtimeVersion, kubeProxyVersion: '' },
    images: imageList(images),
    features: { supplementalGroupsPolicy: false },
  }
}

/** The largest images, with their digests before their tags. */
const imageList = (images: readonly RuntimeImage[]) =>
  [...images]
    .sort((a, b) => b.size_bytes - a.size_bytes)
    .slice(0, shownImages)
    .map(({ digests, tags, size_bytes }) => ({ names: [...digests, ...tags], sizeBytes: size_bytes }))
