import type { KubernetesObject } from '../../apimachinery/meta.ts'

/** Of several defaults the newest counts, and of those made in the same second the first by name. */
export function newestDefault<T extends KubernetesObject>(classes: readonly T[], isDefault: (one: T) => boolean): T | undefined {
  let chosen: T | undefined
  for (const one of classes) {
    if (isDefault(one) && (chosen === undefined || comesFirst(one.metadata, chosen.metadata))) chosen = one
  }
  return chosen
}

function comesFirst(a: KubernetesObject['metadata'], b: KubernetesObject['metadata']): boolean {
  const [aTime = '', bTime = ''] = [a.creationTimestamp, b.creationTimestamp]
  return aTime === bTime ? (a.name ?? '') < (b.name ?? '') : aTime > bTime
}
