import { mergeContext, readKubeconfig, removeContext, writeKubeconfig } from '../../client/kubeconfig.ts'
import type { KeyPair } from '../certificates.ts'
import type { ClusterConfiguration } from '../configuration.ts'

/** What the administrator's kubeconfig says about a cluster. */
export interface ClusterAccess {
  /** PEM */
  readonly authority: string
  readonly admin: KeyPair
}

/** Puts the cluster's context into the user's kubeconfig, and makes it the current one unless only its certificates changed. */
export async function addClusterContext(
  configuration: ClusterConfiguration,
  access: ClusterAccess,
  { current = true }: { readonly current?: boolean } = {},
): Promise<void> {
  const { kubeconfig, name, apiPort } = configuration
  const existing = await readKubeconfig(kubeconfig)
  const merged = mergeContext(existing, {
    name,
    cluster: { server: `https://127.0.0.1:${apiPort}`, 'certificate-authority-data': encode(access.authority) },
    user: { 'client-certificate-data': encode(access.admin.certificate), 'client-key-data': encode(access.admin.key) },
    current,
  })
  if (JSON.stringify(merged) !== JSON.stringify(existing)) await writeKubeconfig(kubeconfig, merged)
}

export async function removeClusterContext({ kubeconfig, name }: ClusterConfiguration): Promise<void> {
  const existing = await readKubeconfig(kubeconfig)
  const rest = removeContext(existing, name)
  if (rest !== existing) await writeKubeconfig(kubeconfig, rest)
}

const encode = (pem: string): string => Buffer.from(pem).toString('base64')
