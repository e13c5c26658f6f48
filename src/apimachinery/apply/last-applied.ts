import type { KubernetesObject } from '../meta.ts'

/** Where client-side apply keeps what it sent. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The only manager for which the server looks at the annotation: kubectl moving from one kind of apply to the other. */
export const migratingManager = 'kubectl'

// All annotations of an object together may not be larger.
const maximumAnnotation = 256 * 1024

export const lastAppliedOf = (object: KubernetesObject | undefined): string | undefined =>
  object?.metadata.annotations?.[lastAppliedAnnotation]

/** Keeps the annotation in step with what kubectl applies server-side, so that going back to client-side apply works. */
export function withLastApplied<T extends KubernetesObject>(object: T, applied: KubernetesObject): T {
  const { [lastAppliedAnnotation]: current, ...annotations } = object.metadata.annotations ?? {}
  const configuration = `${JSON.stringify(withoutAnnotation(applied))}\n`
  if (configuration === current) return object
  const fits = configuration.length <= maximumAnnotation
  return {
    ...object,
    metadata: { ...object.metadata, annotations: fits ? { ...annotations, [lastAppliedAnnotation]: configuration } : annotations },
  }
}

function withoutAnnotation(applied: KubernetesObject): KubernetesObject {
  if (lastAppliedOf(applied) === undefined) return applied
  const { [lastAppliedAnnotation]: _, ...annotations } = applied.metadata.annotations ?? {}
  return { ...applied, metadata: { ...applied.metadata, annotations } }
}
