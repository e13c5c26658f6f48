import { duplicateField, type FieldError, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, int64, object, optional, required, setList, text } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { withField, without } from '../core/sharing.ts'
import { each, optionalOneOf, required as requireValue } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { countGeneration, withGeneration } from '../strategy.ts'

export const TokenRequest = object('io.k8s.api.storage.v1.TokenRequest', "A token of a pod's service account that a driver wants.", {
  audience: required(1, text, 'Who the token is for; empty for the API server.'),
  expirationSeconds: optional(2, int64, 'How long it lives.'),
})
export interface TokenRequest extends Infer<typeof TokenRequest> {}

export const CSIDriverSpec = object('io.k8s.api.storage.v1.CSIDriverSpec', 'What a driver can do and wants to know.', {
  attachRequired: optional(1, boolean, 'Whether its volumes are attached to nodes before they are mounted.'),
  podInfoOnMount: optional(2, boolean, 'Whether it is told about the pod when mounting.'),
  volumeLifecycleModes: optional(3, setList(text), 'Kinds of volumes it can do: Persistent (the default) and Ephemeral.'),
  storageCapacity: optional(4, boolean, 'Whether the scheduler heeds the CSIStorageCapacity objects that it writes.'),
  fsGroupPolicy: optional(5, text, "Whether files are given to the pod's group: ReadWriteOnceWithFSType, File or None."),
  tokenRequests: optional(6, atomicList(TokenRequest), "Tokens of pods' service accounts that it wants when mounting."),
  requiresRepublish: optional(7, boolean, 'Whether it wants to be called again from time to time for mounted volumes.'),
  seLinuxMount: optional(8, boolean, 'Whether it can mount with an SELinux context.'),
  nodeAllocatableUpdatePeriodSeconds: optional(
    9,
    int64,
    'How often to ask how many volumes nodes can take; never by default, ten seconds at least.',
  ),
  serviceAccountTokenInSecrets: optional(10, boolean, 'Whether tokens are handed over among secrets instead of attributes.'),
  preventPodSchedulingIfMissing: optional(11, boolean, 'Whether pods that use it are kept from nodes where it is not.'),
})
export interface CSIDriverSpec extends Infer<typeof CSIDriverSpec> {}

export const CSIDriver = topLevel('io.k8s.api.storage.v1.CSIDriver', 'A CSI driver that is installed, under its own name.', {
  spec: required(2, CSIDriverSpec, 'What the driver can do and wants to know.'),
})
export interface CSIDriver extends Infer<typeof CSIDriver> {}

const column = (
  name: string,
  type: 'boolean' | 'string',
  description: string,
  cell: (spec: CSIDriverSpec) => boolean | string,
): Column => ({ name, type, description, priority: 0, cell: ({ spec }: CSIDriver) => cell(spec ?? {}) })

export const csiDriverKind: Kind<CSIDriver> = defineKind({
  kind: 'CSIDriver',
  resource: 'csidrivers',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: CSIDriver,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  columns: [
    nameColumn,
    column('AttachRequired', 'boolean', 'Whether its volumes are attached to nodes first.', spec => spec.attachRequired ?? true),
    column('PodInfoOnMount', 'boolean', 'Whether it is told about the pod when mounting.', spec => spec.podInfoOnMount ?? false),
    column('StorageCapacity', 'boolean', 'Whether the scheduler heeds its capacities.', spec => spec.storageCapacity ?? false),
    column(
      'TokenRequests',
      'string',
      'Who the tokens are for that it wants.',
      ({ tokenRequests }) => tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    ),
    column('RequiresRepublish', 'boolean', 'Whether it is called again for mounted volumes.', spec => spec.requiresRepublish ?? false),
    column('Modes', 'string', 'Kinds of volumes that it can do.', spec => spec.volumeLifecycleModes?.join(',') || none),
    ageColumn,
  ],
  strategy: {
    applyDefaults: driver => withField(driver, 'spec', withSpecDefaults(driver.spec ?? {})),
    prepareForCreate: driver => withGeneration({ ...driver, spec: without(driver.spec, gated) }, 1),
    prepareForUpdate: (driver, old) =>
      countGeneration(old.spec?.[gated] === undefined ? { ...driver, spec: without(driver.spec, gated) } : driver, old),
    validate: ({ spec }) => validateDriverSpec(spec ?? {}, 'spec'),
    // The misspelt path is upstream's.
    validateUpdate: ({ spec }, old) => [
      ...immutable(spec?.attachRequired, old.spec?.attachRequired, 'spec.attachedRequired'),
      ...immutable(spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
    ],
  },
})

/** A feature that is off by default. */
const gated = 'preventPodSchedulingIfMissing'

const specDefaults: CSIDriverSpec = {
  attachRequired: true,
  podInfoOnMount: false,
  storageCapacity: false,
  fsGroupPolicy: 'ReadWriteOnceWithFSType',
  requiresRepublish: false,
  seLinuxMount: false,
}

function withSpecDefaults(given: CSIDriverSpec): CSIDriverSpec {
  const isMissing = Object.keys(specDefaults).some(field => given[field as keyof CSIDriverSpec] === undefined)
  const spec = isMissing ? { ...specDefaults, ...given } : given
  return spec.volumeLifecycleModes?.length ? spec : { ...spec, volumeLifecycleModes: ['Persistent'] }
}

const lifecycleModes = ['Persistent', 'Ephemeral']

function validateDriverSpec(spec: CSIDriverSpec, path: string): FieldError[] {
  const { nodeAllocatableUpdatePeriodSeconds: period } = spec
  return [
    ...requireValue(spec.attachRequired, `${path}.attachedRequired`),
    ...requireValue(spec.podInfoOnMount, `${path}.podInfoOnMount`),
    ...requireValue(spec.storageCapacity, `${path}.storageCapacity`),
    ...optionalOneOf(spec.fsGroupPolicy, `${path}.fsGroupPolicy`, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...validateTokenRequests(spec.tokenRequests, `${path}.tokenRequests`),
    ...(spec.volumeLifecycleModes ?? [])
      .filter(mode => !lifecycleModes.includes(mode))
      .map(mode => unsupportedField(`${path}.volumeLifecycleModes`, mode, lifecycleModes)),
    ...requireValue(spec.seLinuxMount, `${path}.seLinuxMount`),
    ...(period !== undefined && period < 10
      ? [invalidField(`${path}.nodeAllocatableUpdatePeriodSeconds`, period, 'must be greater than or equal to 10 seconds')]
      : []),
  ]
}

function validateTokenRequests(requests: readonly TokenRequest[] | undefined, path: string): FieldError[] {
  const audiences = new Set<string>()
  return each(requests, path, ({ audience = '', expirationSeconds: seconds }, at) => {
    if (audiences.has(audience)) return [duplicateField(`${at}.audience`, audience)]
    audiences.add(audience)
    const field = `${at}.expirationSeconds`
    if (seconds !== undefined && seconds < 600) return [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')]
    if (seconds !== undefined && seconds > 2 ** 32) {
      return [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    }
    return []
  })
}
