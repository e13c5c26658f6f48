import { createWebhookClient, type WebhookClient } from '../apiserver/webhook-client.ts'
import type { Clock } from '../base/clock.ts'
import { readKubeconfig, resolveContext } from '../client/kubeconfig.ts'

/** A client of the server that a kubeconfig's current context names, as upstream's webhook configuration files have it. */
export async function openWebhookClient(path: string, timeout_ms: number, clock: Clock): Promise<WebhookClient> {
  const { server, certificateAuthority, clientCertificate, clientKey, token, insecure, serverName } = await resolveContext(
    await readKubeconfig(path),
    path,
  )
  return createWebhookClient({ server, certificateAuthority, clientCertificate, clientKey, token, insecure, serverName }, timeout_ms, clock)
}
