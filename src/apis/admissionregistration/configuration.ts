import { ageColumn, nameColumn } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { semanticEqual } from '../core/sharing.ts'
import { countGeneration, withGeneration } from '../strategy.ts'

type Configuration = KubernetesObject & { readonly webhooks?: readonly unknown[] }

/** What the two kinds of webhook configurations have in common. */
export const webhookConfigurationKind = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    nameColumn,
    {
      name: 'Webhooks',
      type: 'integer',
      description: 'Number of webhooks in this configuration.',
      priority: 0,
      cell: ({ webhooks = [] }: Configuration) => webhooks.length,
    },
    ageColumn,
  ],
  strategy: {
    prepareForCreate: <T extends Configuration>(configuration: T): T => withGeneration(configuration, 1),
    prepareForUpdate: <T extends Configuration>(configuration: T, old: T): T =>
      countGeneration(configuration, old, !semanticEqual(configuration.webhooks, old.webhooks)),
  },
} as const
