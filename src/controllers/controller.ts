import type { Kind } from '../apimachinery/kind.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Client, EventRecorder } from '../client/index.ts'
import type { CertificateSigner } from './certificates/signer.ts'
import type { Extensions } from './extensions.ts'
import type { SecretTokenIssuer } from './service-account-tokens.ts'

/** The one shape of all controllers. Each is a user of its own (`system:serviceaccount:kube-system:NAME`). */
export interface Controller {
  /** Upstream's name of its service account, which RBAC's bootstrap roles know. */
  readonly name: string
  readonly start: (context: ControllerContext) => RunningController
}

export interface RunningController {
  close(): Promise<void>
}

/** What a controller may use. Its client acts as the controller's own user. */
export interface ControllerContext {
  readonly name: string
  readonly client: Client
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** PEM of the authority that signed the API server's certificate. */
  readonly rootCertificate: string
  /** Addresses of all pods. */
  readonly clusterCidr: string
  /** Signs with the cluster's authority; absent where nobody can. */
  readonly signCertificate?: CertificateSigner
  /** Makes tokens that live in Secrets; absent where nobody can. */
  readonly issueSecretToken?: SecretTokenIssuer
  /** Every kind that is served now, those of CustomResourceDefinitions included. */
  readonly kinds: () => readonly Kind[]
  /** Called when a kind was added or removed at run time. */
  readonly onKindsChanged: (listener: () => void) => () => void
  /** Kinds of extension servers; absent where there is no aggregation. */
  readonly extensions?: Extensions
}

export const keyOf = (object: { readonly metadata: { readonly namespace?: string; readonly name?: string } }): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : (object.metadata.name ?? '')

/** Splits `namespace/name`; without a slash the object is cluster-scoped. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** For watches whose objects are the ones to reconcile. */
export const ownKey = (old: KeyedObject | undefined, current: KeyedObject | undefined): string[] => {
  const object = current ?? old
  return object ? [keyOf(object)] : []
}

type KeyedObject = Parameters<typeof keyOf>[0]
