import type { Container } from '../apis/core/container.ts'
import { podRequests, resourceAmount } from '../apis/core/pod/requests.ts'
import type { Pod } from '../apis/core/pod.ts'

type Amounts = Readonly<Record<string, string>>

/**
 * What a pod takes from its node. While a running pod is resized it counts with the most of what it asks for, what the
 * kubelet has set aside and what it has, so that nobody is given room that is still in use.
 */
export function requestsOf(pod: Pod): Readonly<Record<string, number>> {
  const statuses = pod.status?.containerStatuses
  if (!pod.spec?.nodeName || !statuses?.some(status => status.allocatedResources ?? status.resources?.requests)) return podRequests(pod)
  const containers = pod.spec.containers.map(container => {
    const status = statuses.find(one => one.name === container.name)
    return withAtLeast(withAtLeast(container, status?.allocatedResources), status?.resources?.requests)
  })
  return podRequests({ ...pod, spec: { ...pod.spec, containers } })
}

function withAtLeast(container: Container, amounts: Amounts | undefined): Container {
  if (!amounts) return container
  const requests: Record<string, string> = { ...container.resources?.requests }
  let raised = false
  for (const name in amounts) {
    const asked = requests[name]
    // A resource that is not asked for is not counted, whatever the runtime reports.
    if (asked === undefined || resourceAmount(name, amounts[name] as string) <= resourceAmount(name, asked)) continue
    requests[name] = amounts[name] as string
    raised = true
  }
  return raised ? { ...container, resources: { ...container.resources, requests } } : container
}
