import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { ServiceAccount } from '../../apis/core/service-account.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { limitsSecrets, refusedSecret } from './mountable-secrets.ts'
import { isMirrorPod, namesOfSecrets } from './pod-references.ts'
import { refuse } from './refuse.ts'
import { isPod, kindOf } from './requests.ts'
import { withTokenVolume } from './token-volume.ts'

/** Every pod acts as a service account of its namespace, and gets its token and pull secrets unless it declines. */
export const serviceAccount = (clock: Clock, random: Random): AdmissionStep => ({
  name: 'ServiceAccount',
  handles: request => (request.operation === 'CREATE' && isPod(request)) || addsEphemeralContainers(request),
  async mutate(request) {
    const pod = request.object as Pod
    if (request.operation !== 'CREATE') return pod
    if (isMirrorPod(pod)) {
      checkMirrorPod(request)
      return pod
    }
    const name = pod.spec?.serviceAccountName || 'default'
    const account = await findAccount(request, name, clock)
    return { ...pod, spec: withAccount(pod.spec ?? { containers: [] }, name, account, random) } as Pod
  },
  validate(request) {
    if (isMirrorPod(request.object as Pod)) checkMirrorPod(request)
    else checkSecrets(request)
  },
})

const addsEphemeralContainers = ({ kind, operation, subresource }: AdmissionRequest): boolean =>
  operation === 'UPDATE' && subresource === 'ephemeralcontainers' && kind.resource === 'pods' && kind.group === ''

/** The controller may still be about to create a new namespace's default account: about a second's patience. */
const patience_ms = [5, 10, 20, 40, 80, 160, 300, 500]

async function findAccount(request: AdmissionRequest, name: string, clock: Clock): Promise<ServiceAccount> {
  const { objects, namespace, context } = request
  const kind = kindOf(objects, '', 'serviceaccounts')
  const read = () => objects.get(kind, namespace, name) as ServiceAccount | undefined
  let account = read()
  for (const delay_ms of name === 'default' ? patience_ms : []) {
    if (account) break
    await sleep(clock, delay_ms, context.signal)
    account = read()
  }
  if (account) return account
  throw refuse(request, `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)
}

function withAccount(spec: PodSpec, name: string, account: ServiceAccount, random: Random): PodSpec {
  const named = { ...spec, serviceAccountName: name, serviceAccount: name }
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  const mounted = mounts ? withTokenVolume(named, random) : named
  if (spec.imagePullSecrets?.length || !account.imagePullSecrets?.length) return mounted
  return { ...mounted, imagePullSecrets: account.imagePullSecrets }
}

function checkSecrets(request: AdmissionRequest): void {
  const { objects, namespace } = request
  const { spec } = request.object as Pod
  const account = spec?.serviceAccountName && objects.get(kindOf(objects, '', 'serviceaccounts'), namespace, spec.serviceAccountName)
  if (!account || !limitsSecrets(account as ServiceAccount)) return
  const refused = refusedSecret(spec, account as ServiceAccount)
  if (refused) throw refuse(request, refused)
}

/** A mirror pod shows what a node runs from a file: it must not reach for anything in the API. */
function checkMirrorPod(request: AdmissionRequest): void {
  const pod = request.object as Pod
  if (pod.spec?.serviceAccountName) throw refuse(request, 'a mirror pod may not reference service accounts')
  if (namesOfSecrets(pod).length > 0) throw refuse(request, 'a mirror pod may not reference secrets')
  const asksForToken = pod.spec?.volumes?.some(volume => volume.projected?.sources?.some(source => source.serviceAccountToken))
  if (asksForToken) throw refuse(request, 'a mirror pod may not use ServiceAccountToken volume projections')
}
