/**
 * The way from the API server to the pods: logs, exec, attach and port forwarding, handed on to the HTTPS server of the
 * kubelet on whose node a pod runs. In go authorized requests, out come the kubelet's bytes, unchanged and as fast as
 * the client takes them; and what is used on a node, asked of its kubelet. Nothing here is stored, interprets a stream, or follows a redirect.
 */
import type { SubresourceHandler } from '../types.ts'
import { createKubeletClient, type KubeletClientOptions } from './kubelet-client.ts'
import { logHandler } from './log.ts'
import { attachHandler, execHandler, portForwardHandler } from './streams.ts'

export { resourceMetrics } from './resource-metrics.ts'
export { createUsageReadings } from './usage-readings.ts'

export function nodeHandlers(options: KubeletClientOptions): Readonly<Record<string, SubresourceHandler>> {
  const kubelets = createKubeletClient(options)
  return {
    log: logHandler(kubelets),
    exec: execHandler(kubelets),
    attach: attachHandler(kubelets),
    portforward: portForwardHandler(kubelets),
  }
}
