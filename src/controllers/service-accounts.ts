import { isAlreadyExists, isNotFound } from '../apimachinery/api-errors.ts'
import { configMapKind } from '../apis/core/config-map.ts'
import { namespaceKind } from '../apis/core/namespace.ts'
import { serviceAccountKind } from '../apis/core/service-account.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, ownKey } from './controller.ts'

/** Every namespace has a service account `default`, for pods that name none. */
export const serviceAccountController: Controller = {
  name: 'service-account-controller',
  start(context) {
    const { client } = context
    const namespaces = client.informer(namespaceKind)
    const serviceAccounts = client.informer(serviceAccountKind)
    return runController({
      ...context,
      watches: [
        watchOf(namespaces, ownKey),
        watchOf(serviceAccounts, (old, current) =>
          !current && old?.metadata.name === 'default' ? [old.metadata.namespace as string] : [],
        ),
      ],
      async reconcile(namespace) {
        if (!isActive(namespaces.get(undefined, namespace)) || serviceAccounts.get(namespace, 'default')) return
        await unlessThereOrEnding(client.create(serviceAccountKind, { metadata: { name: 'default', namespace } }))
      },
    })
  },
}

const rootConfigMap = 'kube-root-ca.crt'

/** Every namespace has the certificate with which pods check the API server. */
export const rootCertificatePublisher: Controller = {
  name: 'root-ca-cert-publisher',
  start(context) {
    const { client, rootCertificate } = context
    const namespaces = client.informer(namespaceKind)
    const configMaps = client.informer(configMapKind, { fieldSelector: `metadata.name=${rootConfigMap}` })
    const data = { 'ca.crt': rootCertificate }
    const annotations = {
      'kubernetes.io/description':
        'Holds the certificate authority with which clients inside the cluster check the API server, mounted into pods beside their token.',
    }
    return runController({
      ...context,
      watches: [watchOf(namespaces, ownKey), watchOf(configMaps, (old, current) => [(current ?? old)?.metadata.namespace as string])],
      async reconcile(namespace) {
        if (!isActive(namespaces.get(undefined, namespace))) return
        const existing = configMaps.get(namespace, rootConfigMap)
        if (!existing)
          await unlessThereOrEnding(client.create(configMapKind, { metadata: { name: rootConfigMap, namespace, annotations }, data }))
        else if (JSON.stringify(existing.data) !== JSON.stringify(data)) await client.update(configMapKind, { ...existing, data })
      },
    })
  },
}

const isActive = (namespace: { readonly metadata: { readonly deletionTimestamp?: string } } | undefined): boolean =>
  namespace !== undefined && namespace.metadata.deletionTimestamp === undefined

/** Somebody else made it meanwhile, or the namespace is on its way out: both are fine. */
async function unlessThereOrEnding(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    const ending = (error as { status?: { details?: { causes?: readonly { reason?: string }[] } } }).status?.details?.causes?.some(
      cause => cause.reason === 'NamespaceTerminating',
    )
    if (!isAlreadyExists(error) && !isNotFound(error) && !ending) throw error
  }
}
