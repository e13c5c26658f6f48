import type { ConfigMap } from '../../apis/core/config-map.ts'
import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Secret } from '../../apis/core/secret.ts'
import type { Service } from '../../apis/core/service.ts'
import { fieldValue, type NodeAmounts, resourceValue } from './downward.ts'
import { expand } from './expansion.ts'
import { serviceVariables } from './service-variables.ts'

/** A mistake in what the container refers to: it waits with reason CreateContainerConfigError until that is there. */
export class ContainerConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ContainerConfigError'
  }
}

export interface EnvironmentSources {
  readonly configMap: (name: string) => Promise<ConfigMap | undefined>
  readonly secret: (name: string) => Promise<Secret | undefined>
  readonly services: readonly Service[]
  /** Addresses that the sandbox has got, before the status in the API has them. */
  readonly addresses: readonly string[]
  readonly hostAddresses: readonly string[]
  readonly node: NodeAmounts
}

type Variables = readonly { readonly name: string; readonly value: string }[]

/** The container's environment, in upstream's order: its own variables may use and replace those of envFrom and of services. */
export async function containerEnvironment(pod: Pod, container: Container, sources: EnvironmentSources): Promise<Variables> {
  const services = serviceVariables(pod.metadata.namespace ?? '', pod.spec?.enableServiceLinks ?? true, sources.services)
  const result = new Map<string, string>()
  for (const [name, value] of await fromWholeObjects(container, sources)) result.set(name, value)

  const visible = new Map(result)
  const lookup = (name: string) => visible.get(name) ?? services.get(name)
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await referencedValue(pod, container, variable.valueFrom, sources)
      : expand(variable.value ?? '', lookup)
    if (value === undefined) continue
    visible.set(variable.name, value)
    result.set(variable.name, value)
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value)
  return [...result].map(([name, value]) => ({ name, value }))
}

async function fromWholeObjects(container: Container, sources: EnvironmentSources): Promise<Map<string, string>> {
  const result = new Map<string, string>()
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const values = configMapRef
      ? (await required('configmap', configMapRef, sources.configMap))?.data
      : secretRef && decoded((await required('secret', secretRef, sources.secret))?.data)
    for (const [key, value] of Object.entries(values ?? {})) result.set(prefix + key, value)
  }
  return result
}

async function referencedValue(
  pod: Pod,
  container: Container,
  from: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  if (from.fieldRef) return fieldValue(pod, from.fieldRef.fieldPath, sources)
  if (from.resourceFieldRef) return resourceValue(pod, container, from.resourceFieldRef, sources.node)
  if (from.configMapKeyRef) {
    const found = await required('configmap', from.configMapKeyRef, sources.configMap)
    return keyOf('ConfigMap', pod, from.configMapKeyRef, found?.data)
  }
  if (from.secretKeyRef) {
    const found = await required('secret', from.secretKeyRef, sources.secret)
    return keyOf('Secret', pod, from.secretKeyRef, decoded(found?.data))
  }
  throw new ContainerConfigError(`environment variables from files (fileKeyRef) are not supported by this node`)
}

interface Reference {
  readonly name?: string
  readonly optional?: boolean
}

async function required<T>(what: string, reference: Reference, find: (name: string) => Promise<T | undefined>): Promise<T | undefined> {
  const name = reference.name ?? ''
  const found = await find(name)
  if (!found && !reference.optional) throw new ContainerConfigError(`${what} ${JSON.stringify(name)} not found`)
  return found
}

function keyOf(
  kind: string,
  pod: Pod,
  { name = '', key, optional }: Reference & { readonly key: string },
  data: Readonly<Record<string, string>> | undefined,
): string | undefined {
  const value = data && Object.hasOwn(data, key) ? data[key] : undefined
  if (value === undefined && !optional)
    throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}`)
  return value
}

const decoded = (data: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined =>
  data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
