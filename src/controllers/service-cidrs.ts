import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { type Cidr, cidrContains, parseCidr, parseIp } from '../apimachinery/ip.ts'
import type { Condition } from '../apimachinery/meta.ts'
import { ipAddressKind } from '../apis/networking/ip-address.ts'
import { type ServiceCIDR, serviceCidrKind } from '../apis/networking/service-cidr.ts'
import { formatTime } from '../base/clock.ts'
import { type Informer, runController, watchOf } from '../client/index.ts'
import { type Controller, type ControllerContext, keyOf, ownKey } from './controller.ts'

const finalizer = 'networking.k8s.io/service-cidr-finalizer'

/** Puts ranges of service addresses into use, and keeps one that was deleted while addresses are in it that no other range holds. */
export const serviceCidrsController: Controller = {
  name: 'service-cidrs-controller',
  start(context) {
    const { client } = context
    const ranges = client.informer(serviceCidrKind)
    const addresses = client.informer(ipAddressKind)
    const deleted = () => ranges.list().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    return runController({
      ...context,
      watches: [
        // Another range may hold the addresses of one that is to go.
        watchOf(ranges, (old, current) => [...ownKey(old, current), ...deleted().map(keyOf)]),
        watchOf(addresses, (_old, current) => (current ? [] : deleted().map(keyOf))),
      ],
      async reconcile(name) {
        const range = ranges.get(undefined, name)
        if (!range) return
        try {
          if (range.metadata.deletionTimestamp === undefined) await putIntoUse(context, range)
          else await letGo(context, range, isNeeded(range, ranges, addresses.list().map(keyOf)))
        } catch (error) {
          // Changed or gone meanwhile: its event brings us back.
          if (!isNotFound(error) && !isConflict(error)) throw error
        }
      },
    })
  },
}

async function putIntoUse(context: ControllerContext, range: ServiceCIDR): Promise<void> {
  const { finalizers = [] } = range.metadata
  if (!finalizers.includes(finalizer)) {
    const metadata = { ...range.metadata, finalizers: [...finalizers, finalizer] }
    await context.client.update(serviceCidrKind, { ...range, metadata })
    return
  }
  await report(context, range, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' })
}

async function letGo(context: ControllerContext, range: ServiceCIDR, needed: boolean): Promise<void> {
  const { finalizers = [] } = range.metadata
  if (!finalizers.includes(finalizer)) return
  if (needed) {
    const message = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'
    return report(context, range, { status: 'False', reason: 'Terminating', message })
  }
  const metadata = { ...range.metadata, finalizers: finalizers.filter(one => one !== finalizer) }
  await context.client.update(serviceCidrKind, { ...range, metadata })
}

type Report = Pick<Condition, 'status' | 'reason' | 'message'>

async function report({ client, clock }: ControllerContext, range: ServiceCIDR, { status, reason, message }: Report): Promise<void> {
  const conditions = range.status?.conditions ?? []
  const before = conditions.find(({ type }) => type === 'Ready')
  if (before && before.status === status && before.reason === reason && before.message === message) return
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(clock.now())
  const ready: Condition = { type: 'Ready', status, reason, message, lastTransitionTime }
  const others = conditions.filter(({ type }) => type !== 'Ready')
  await client.updateStatus(serviceCidrKind, { ...range, status: { ...range.status, conditions: [...others, ready] } })
}

/** Is there an address in the range that no other range holds, of those that stay? */
function isNeeded(range: ServiceCIDR, ranges: Informer<ServiceCIDR>, addresses: readonly string[]): boolean {
  const own = cidrsOf(range)
  const others = ranges
    .list()
    .filter(one => one !== range && one.metadata.deletionTimestamp === undefined)
    .flatMap(cidrsOf)
  return addresses.some(text => {
    const address = parseIp(text)
    if (!address) return false
    return own.some(cidr => cidrContains(cidr, address)) && !others.some(cidr => cidrContains(cidr, address))
  })
}

const cidrsOf = ({ spec }: ServiceCIDR): readonly Cidr[] => (spec?.cidrs ?? []).flatMap(text => parseCidr(text) ?? [])
