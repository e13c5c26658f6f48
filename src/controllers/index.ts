/**
 * The controllers: each reads through informers what is, compares it with what should be, and writes the difference.
 * This file is the one list of them. They reach the cluster through `client` alone, each as a user of its own.
 */
import type { Kind } from '../apimachinery/kind.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import { type Client, createEventRecorder } from '../client/index.ts'
import { bootstrapSigner, bootstrapTokenCleaner } from './bootstrap-tokens/index.ts'
import { type CertificateSigner, certificateApprover, certificateCleaner, certificateSigner } from './certificates/index.ts'
import type { Controller } from './controller.ts'
import { cronJobController } from './cronjob/index.ts'
import { daemonSetController } from './daemonset/index.ts'
import { deploymentController } from './deployment/index.ts'
import { disruptionController } from './disruption/index.ts'
import { staleDisruptionController } from './disruption/stale-targets.ts'
import { endpointsController } from './endpoints.ts'
import { endpointSliceController } from './endpointslice/index.ts'
import { endpointSliceMirroringController } from './endpointslice/mirroring.ts'
import type { Extensions } from './extensions.ts'
import { garbageCollector } from './garbage-collector/index.ts'
import { ipAddressPublisher } from './ip-addresses.ts'
import { jobController } from './job/index.ts'
import { namespaceController } from './namespace/index.ts'
import { nodeIpamController } from './node-ipam.ts'
import { nodeLifecycleController, taintEvictionController } from './node-lifecycle/index.ts'
import { persistentVolumeBinder } from './persistent-volume-binder/index.ts'
import { podGarbageCollector } from './pod-gc.ts'
import { replicaSetController, replicationController } from './replicaset/index.ts'
import { resourceQuotaController } from './resource-quota/index.ts'
import { type SecretTokenIssuer, serviceAccountTokenController } from './service-account-tokens.ts'
import { rootCertificatePublisher, serviceAccountController } from './service-accounts.ts'
import { serviceCidrsController } from './service-cidrs.ts'
import { statefulSetController } from './statefulset/index.ts'
import { attributesClassProtectionController, claimProtectionController, volumeProtectionController } from './storage-protection.ts'
import { ttlAfterFinishedController } from './ttl-after-finished.ts'
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status/index.ts'

export { BadCertificateRequest, type CertificateSigner, type CertificateToSign } from './certificates/index.ts'

export const allControllers: readonly Controller[] = [
  serviceAccountController,
  rootCertificatePublisher,
  serviceAccountTokenController,
  bootstrapTokenCleaner,
  bootstrapSigner,
  certificateApprover,
  certificateSigner,
  certificateCleaner,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  deploymentController,
  replicaSetController,
  replicationController,
  daemonSetController,
  statefulSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  disruptionController,
  staleDisruptionController,
  endpointSliceController,
  endpointsController,
  endpointSliceMirroringController,
  serviceCidrsController,
  persistentVolumeBinder,
  claimProtectionController,
  volumeProtectionController,
  attributesClassProtectionController,
  namespaceController,
  resourceQuotaController,
  podGarbageCollector,
  garbageCollector,
  validatingAdmissionPolicyStatusController,
]

/** Those that are a part of the API server, and act as it. */
export const serverControllers: readonly Controller[] = [ipAddressPublisher]

export interface ControllersOptions {
  /** A client that acts as this service account of kube-system. */
  readonly clientFor: (name: string) => Client
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** PEM of the authority that signed the API server's certificate. */
  readonly rootCertificate: string
  readonly clusterCidr: string
  readonly signCertificate?: CertificateSigner
  readonly issueSecretToken?: SecretTokenIssuer
  readonly kinds: () => readonly Kind[]
  readonly onKindsChanged: (listener: () => void) => () => void
  readonly extensions?: Extensions
  /** All of them unless given. */
  readonly controllers?: readonly Controller[]
}

export interface RunningControllers {
  close(): Promise<void>
}

export function startControllers(options: ControllersOptions): RunningControllers {
  const { clientFor, clock, logger, controllers = allControllers, ...shared } = options
  const clients = new Map<string, Client>()
  const recorders: { close(): Promise<void> }[] = []
  const running = controllers.map(controller => {
    const { name } = controller
    const client = clients.get(name) ?? clientFor(name)
    clients.set(name, client)
    const events = createEventRecorder({ client, component: name, clock, logger })
    recorders.push(events)
    return controller.start({ ...shared, name, client, events, clock, logger: logger.with({ controller: name }) })
  })
  return {
    async close() {
      await Promise.all(running.map(controller => controller.close()))
      await Promise.all(recorders.map(recorder => recorder.close()))
    },
  }
}
