import { badRequest } from '../apimachinery/api-errors.ts'
import { type Node, nodeKind } from '../apis/core/node.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import type { StoredObjects, SubresourceHandler, SubresourceRequest } from '../apiserver/types.ts'

/** What tells a simulated node from a real one. */
export const simulatedLabel = { 'proa.dev/simulated': 'true' } as const

/** What a pod without containers can't give, by the subresource that asks for it. */
const missing: Readonly<Record<string, string>> = {
  log: 'has no logs',
  exec: 'can execute no command',
  attach: 'has no process to attach to',
  portforward: 'has no ports to forward to',
}

/**
 * The ways to the nodes, except that those to pods of simulated nodes end here: such a node has an address and no network,
 * and whoever dialled it would wait for a timeout.
 */
export function refuseSimulatedPods(handlers: Readonly<Record<string, SubresourceHandler>>): Readonly<Record<string, SubresourceHandler>> {
  return Object.fromEntries(Object.entries(handlers).map(([subresource, handler]) => [subresource, refuseFor(subresource, handler)]))
}

function refuseFor(subresource: string, { handle, upgrade }: SubresourceHandler): SubresourceHandler {
  const check = (request: SubresourceRequest) => {
    if (!isSimulated(request)) return
    const cannot = missing[subresource] ?? `has no ${subresource}`
    throw badRequest(`simulated nodes run no containers: pod ${request.name} ${cannot}`)
  }
  if (upgrade) {
    return {
      handle,
      async upgrade(request, connection) {
        check(request)
        await upgrade(request, connection)
      },
    }
  }
  return {
    async handle(request) {
      check(request)
      return handle(request)
    },
  }
}

/** Nothing answers on a simulated node: neither its pods nor a kubelet. */
export function refuseSimulatedNode({ objects }: SubresourceRequest, nodeName: string): void {
  if (isSimulatedNode(objects, nodeName)) throw badRequest(`simulated nodes run no containers: nothing answers requests on ${nodeName}`)
}

function isSimulated({ objects, namespace, name }: SubresourceRequest): boolean {
  const pod = objects.get(podKind, namespace, name) as Pod | undefined
  const nodeName = pod?.spec?.nodeName
  return nodeName !== undefined && isSimulatedNode(objects, nodeName)
}

const isSimulatedNode = (objects: StoredObjects, nodeName: string): boolean =>
  isSimulatedNodeObject(objects.get(nodeKind, '', nodeName) as Node | undefined)

export const isSimulatedNodeObject = (node: Node | undefined): boolean =>
  Object.entries(simulatedLabel).every(([key, value]) => node?.metadata.labels?.[key] === value)
