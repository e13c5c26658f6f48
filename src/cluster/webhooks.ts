import type { Outgoing } from '../apiserver/outgoing/index.ts'
import { createWebhookClient, type WebhookClient } from '../apiserver/webhook-client.ts'
import { readKubeconfig, resolveContext } from '../client/kubeconfig.ts'

/** A client of the server that a kubeconfig's current context names, as upstream's webhook configuration files have it. */
export async function openWebhookClient(outgoing: Outgoing, path: string, timeout_ms: number): Promise<WebhookClient> {
  const { server, certificateAuthority, clientCertificate, clientKey, token, insecure, serverName } = await resolveContext(
    await readKubeconfig(path),
    path,
  )
  const destination = {
    at: { url: server },
    certificateAuthority,
    skipVerification: insecure,
    serverName,
    ...(clientCertificate && clientKey && { clientCertificate: { certificate: clientCertificate, key: clientKey } }),
    bearerToken: token,
  }
  return createWebhookClient(outgoing, destination, timeout_ms)
}
