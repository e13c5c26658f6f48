import type { AdmissionStep } from '../types.ts'

/**
 * Kinds that are stored and that nothing in Proa acts on yet. Whoever creates one is told, since it would otherwise look
 * as if it worked; programs that users run in the cluster may well act on them. A kind leaves this table when something does.
 */
const withoutEffect: Readonly<Record<string, string>> = {
  'networking.k8s.io/ingresses':
    'Proa has no ingress controller of its own: unless you run one that serves its class, an Ingress has no effect',
  'networking.k8s.io/networkpolicies': "Proa's pod network does not enforce network policies: a NetworkPolicy has no effect",
  'storage.k8s.io/csidrivers': "Proa's nodes mount no CSI volumes: a CSIDriver has no effect",
  'storage.k8s.io/csistoragecapacities': "Proa's scheduler does not look at storage capacities: a CSIStorageCapacity has no effect",
  'storage.k8s.io/volumeattachments': 'Proa attaches no volumes: unless you run a CSI attacher, a VolumeAttachment has no effect',
  'storage.k8s.io/volumeattributesclasses': 'Proa changes no volumes: unless you run a CSI resizer, a VolumeAttributesClass has no effect',
  'resource.k8s.io/deviceclasses': "Proa's scheduler allocates no devices: a DeviceClass has no effect",
  'resource.k8s.io/resourceclaims': "Proa's scheduler allocates no devices: a ResourceClaim stays pending",
  'resource.k8s.io/resourceclaimtemplates': 'Proa makes no claims for pods: a ResourceClaimTemplate has no effect',
  'resource.k8s.io/resourceslices': "Proa's scheduler allocates no devices: a ResourceSlice has no effect",
}

/** The groups alone decide for nearly every request. */
const groups: ReadonlySet<string> = new Set(Object.keys(withoutEffect).map(key => key.slice(0, key.indexOf('/'))))

export const kindsWithoutEffect: AdmissionStep = {
  name: 'KindsWithoutEffect',
  handles: ({ operation, subresource, kind }) => operation === 'CREATE' && subresource === '' && groups.has(kind.group),
  validate({ context, kind }) {
    const warning = withoutEffect[`${kind.group}/${kind.resource}`]
    if (warning !== undefined) context.warn(warning)
  },
}
