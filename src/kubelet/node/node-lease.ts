import { isAlreadyExists, isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type Lease, leaseKind } from '../../apis/coordination/lease.ts'
import type { Node } from '../../apis/core/node.ts'
import { type Clock, formatMicroTime, type Logger, sleep } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'

interface Options {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly nodeName: string
  readonly node: () => Node | undefined
  readonly leaseDuration_s: number
  readonly leaseRenewal_ms: number
}

const namespace = 'kube-node-lease'
const retry_ms = 1000

/** The node's heartbeat: renews its lease until the signal aborts. */
export async function keepNodeLease(options: Options, signal: AbortSignal): Promise<void> {
  const { clock, logger, nodeName, leaseRenewal_ms } = options
  let lease: Lease | undefined
  while (!signal.aborted) {
    try {
      lease = await renew(options, lease, signal)
      await sleep(clock, leaseRenewal_ms, signal)
    } catch (error) {
      if (signal.aborted) return
      if (isConflict(error) || isNotFound(error) || isAlreadyExists(error)) lease = undefined
      else logger.warn(`renew the lease of node ${nodeName}: trying again in ${retry_ms} ms`, { error })
      await sleep(clock, retry_ms, signal).catch(() => {})
    }
  }
}

async function renew(
  { client, clock, nodeName, node, leaseDuration_s }: Options,
  held: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease> {
  const existing = held ?? (await read(client, nodeName, signal))
  const owner = node()?.metadata
  const spec = {
    ...existing?.spec,
    holderIdentity: nodeName,
    leaseDurationSeconds: leaseDuration_s,
    renewTime: formatMicroTime(clock.now()),
  }
  if (existing) return client.update(leaseKind, { ...existing, spec }, { signal })
  const ownerReferences = owner?.uid ? [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: owner.uid }] : undefined
  return client.create(leaseKind, { metadata: { name: nodeName, namespace, ownerReferences }, spec }, { signal })
}

async function read(client: Client, name: string, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await client.get(leaseKind, namespace, name, { signal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
