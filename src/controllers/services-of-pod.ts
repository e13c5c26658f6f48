import type { Pod } from '../apis/core/pod.ts'
import type { Service } from '../apis/core/service.ts'
import type { Informer } from '../client/index.ts'

/** The services that a pod's change concerns: those whose selector matched it before or matches it now. */
export function serviceKeysOfPod(services: Informer<Service>, old: Pod | undefined, current: Pod | undefined): string[] {
  const keys: string[] = []
  for (const service of services.list((current ?? old)?.metadata.namespace)) {
    const selector = Object.entries(service.spec?.selector ?? {})
    if (selector.length === 0) continue
    const matches = (pod: Pod | undefined) =>
      pod !== undefined && selector.every(([label, value]) => pod.metadata.labels?.[label] === value)
    if (matches(old) || matches(current)) keys.push(`${service.metadata.namespace}/${service.metadata.name}`)
  }
  return keys
}
