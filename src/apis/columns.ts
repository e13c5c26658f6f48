import { type Cell, timeSince } from '../apimachinery/cell.ts'
import type { Column } from '../apimachinery/kind.ts'
import type { PodTemplateSpec } from './core/pod-spec.ts'

/** Columns and cell texts that several kinds print alike. */

export const none = '<none>'

/** `a=b,c=d`, sorted by key. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.length ? pairs.sort().join(',') : none
}

/** The first three entries, and how many more there are. */
export function firstThree(entries: readonly string[], empty: string): string {
  if (entries.length > 3) return `${entries.slice(0, 3).join(',')} + ${entries.length - 3} more...`
  return entries.join(',') || empty
}

export const ageSince = (timestamp: string | undefined): Cell => timeSince(timestamp || undefined)

/** `kubectl get -o wide` shows what the pods of a workload are made of. */
export function podTemplateColumns<T>(template: (object: T) => PodTemplateSpec | undefined): readonly Column[] {
  const containers = (object: T) => template(object)?.spec?.containers ?? []
  return [
    {
      name: 'Containers',
      type: 'string',
      description: 'Names of the containers in the pod template.',
      priority: 1,
      cell: (object: T) =>
        containers(object)
          .map(container => container.name)
          .join(','),
    },
    {
      name: 'Images',
      type: 'string',
      description: 'Images of the containers in the pod template.',
      priority: 1,
      cell: (object: T) =>
        containers(object)
          .map(container => container.image ?? '')
          .join(','),
    },
  ]
}

/** `10.42.0.7:80`, `[fd00::7]:80` */
export const joinHostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
