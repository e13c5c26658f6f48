import type { EnvFromSource, EnvVar } from '../../apis/core/container.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { ServiceAccount } from '../../apis/core/service-account.ts'

/** Accounts with this annotation say themselves which Secrets their pods may use; deprecated, and still honoured. */
export const limitsSecrets = ({ metadata }: ServiceAccount): boolean =>
  isTrue(metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'])

const isTrue = (text: string | undefined) => text !== undefined && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)

/** Why these references are not allowed, by the first that isn't; undefined when all are. */
export function refusedSecret(spec: PodSpec, account: ServiceAccount): string | undefined {
  const mountable = new Set(account.secrets?.map(({ name }) => name))
  const isRefused = (name: string | undefined) => name !== undefined && !mountable.has(name)
  const because = `is not allowed because service account ${account.metadata.name} does not reference that`
  const volume = spec.volumes?.find(({ secret }) => isRefused(secret?.secretName))
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName}" ${because} secret`
  for (const [what, container] of containersOf(spec)) {
    const variable = container.env?.find(({ valueFrom }) => isRefused(valueFrom?.secretKeyRef?.name))
    const { name = '' } = variable?.valueFrom?.secretKeyRef ?? {}
    if (variable) return `${what} ${container.name} with envVar ${variable.name} referencing secret.secretName="${name}" ${because} secret`
    const source = container.envFrom?.find(({ secretRef }) => isRefused(secretRef?.name))
    if (source) return `${what} ${container.name} with envFrom referencing secret.secretName="${source.secretRef?.name}" ${because} secret`
  }
  const pullable = new Set(account.imagePullSecrets?.map(({ name }) => name))
  const index = spec.imagePullSecrets?.findIndex(({ name }) => !pullable.has(name)) ?? -1
  return index < 0 ? undefined : `imagePullSecrets[${index}].name="${spec.imagePullSecrets?.[index]?.name}" ${because} imagePullSecret`
}

interface WithEnvironment {
  readonly name: string
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFromSource[]
}

function* containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: PodSpec): Generator<[string, WithEnvironment]> {
  for (const container of initContainers) yield ['init container', container]
  for (const container of containers) yield ['container', container]
  for (const container of ephemeralContainers) yield ['ephemeral container', container]
}
