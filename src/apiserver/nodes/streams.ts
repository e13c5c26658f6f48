import { badRequest } from '../../apimachinery/api-errors.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { SubresourceHandler, SubresourceRequest } from '../types.ts'
import { isSet } from './flags.ts'
import type { KubeletClient } from './kubelet-client.ts'
import { chooseContainer, findKubelet, findPod, kubeletPath } from './location.ts'
import { proxyUpgrade } from './proxy-upgrade.ts'

/** `pods/NAME/exec`: runs a command in a container. */
export const execHandler = (kubelets: KubeletClient): SubresourceHandler =>
  streamHandler(kubelets, (pod, query) => [
    ['exec', ...container(pod, query)],
    [...standardStreams(query), ...query.getAll('command').map((part): Pair => ['command', part])],
  ])

/** `pods/NAME/attach`: joins the process that runs in a container. */
export const attachHandler = (kubelets: KubeletClient): SubresourceHandler =>
  streamHandler(kubelets, (pod, query) => [['attach', ...container(pod, query)], standardStreams(query)])

/** `pods/NAME/portforward`: connections to ports of a pod. Only old WebSocket clients name the ports up front. */
export const portForwardHandler = (kubelets: KubeletClient): SubresourceHandler =>
  streamHandler(kubelets, ({ metadata }, query) => [
    ['portForward', metadata.namespace ?? '', metadata.name ?? ''],
    query.getAll('ports').flatMap(ports => ports.split(',').map((port): Pair => ['port', port])),
  ])

type Pair = [string, string]

/** The parts of the kubelet's path, and its query. */
type Locate = (pod: Pod, query: URLSearchParams) => [string[], Pair[]]

const container = (pod: Pod, query: URLSearchParams): string[] => {
  const { namespace = '', name = '' } = pod.metadata
  return [namespace, name, chooseContainer(pod, query.get('container') ?? '')]
}

// The API and the kubelet have different names for the same things.
const kubeletNames: readonly Pair[] = [
  ['stdin', 'input'],
  ['stdout', 'output'],
  ['stderr', 'error'],
  ['tty', 'tty'],
]

const standardStreams = (query: URLSearchParams): Pair[] =>
  kubeletNames.filter(([flag]) => isSet(query, flag)).map(([, name]): Pair => [name, '1'])

const streamHandler = (kubelets: KubeletClient, locate: Locate): SubresourceHandler => ({
  async handle() {
    throw badRequest('Upgrade request required')
  },
  upgrade: (request, upgrade) => proxyUpgrade(kubelets, targetOf(request, locate), upgrade),
  // As upstream since v1.35.
  upgradeVerb: 'create',
})

function targetOf(request: SubresourceRequest, locate: Locate) {
  const pod = findPod(request)
  const [parts, query] = locate(pod, request.query)
  const nodeName = pod.spec?.nodeName
  if (!nodeName) throw badRequest(`pod ${request.name} does not have a host assigned`)
  return { ...findKubelet(request, nodeName), path: kubeletPath(parts, new URLSearchParams(query)), signal: request.context.signal }
}
