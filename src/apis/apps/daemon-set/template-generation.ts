import { semanticEqual } from '../../core/sharing.ts'
import type { DaemonSet } from '../daemon-set.ts'

/**
 * How often the template has changed. Old clients read it from this annotation; it is the server's to count, and a
 * creation may say where to start, as when an object is restored.
 */
export const templateGenerationAnnotation = 'deprecated.daemonset.template.generation'

export const templateGeneration = ({ metadata }: DaemonSet): number => {
  const text = metadata.annotations?.[templateGenerationAnnotation] ?? ''
  return /^\d+$/.test(text) ? Number(text) : 0
}

export const firstTemplateGeneration = (daemonSet: DaemonSet): DaemonSet =>
  withTemplateGeneration(daemonSet, Math.max(1, templateGeneration(daemonSet)))

export function nextTemplateGeneration(daemonSet: DaemonSet, old: DaemonSet): DaemonSet {
  const before = templateGeneration(old)
  return withTemplateGeneration(daemonSet, semanticEqual(daemonSet.spec?.template, old.spec?.template) ? before : before + 1)
}

function withTemplateGeneration(daemonSet: DaemonSet, generation: number): DaemonSet {
  const { metadata } = daemonSet
  if (metadata.annotations?.[templateGenerationAnnotation] === String(generation)) return daemonSet
  const annotations = { ...metadata.annotations, [templateGenerationAnnotation]: String(generation) }
  return { ...daemonSet, metadata: { ...metadata, annotations } }
}
