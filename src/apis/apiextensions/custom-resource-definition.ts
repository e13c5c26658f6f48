import { type Column, defineKind, type Kind, nameColumn } from '../../apimachinery/kind.ts'
import type { RequestContext } from '../../apimachinery/request.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { countGeneration, readAndWriteVerbs, withGeneration } from '../strategy.ts'
import { CustomResourceDefinition, type CustomResourceDefinitionSpec } from './custom-resource-definition-types.ts'
import { formatWarnings } from './format-warnings.ts'
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionStatus,
  validateCustomResourceDefinitionUpdate,
} from './validation.ts'

/** Keeps a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  description: 'When the definition was created.',
  priority: 0,
  cell: (definition: CustomResourceDefinition) => definition.metadata.creationTimestamp ?? '',
}

export const customResourceDefinitionKind: Kind<CustomResourceDefinition> = defineKind({
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  group: 'apiextensions.k8s.io',
  version: 'v1',
  schema: CustomResourceDefinition,
  scope: 'Cluster',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  columns: [nameColumn, createdAtColumn],
  strategy: {
    applyDefaults: definition => (definition.spec ? withField(definition, 'spec', withSpecDefaults(definition.spec)) : definition),
    prepareForCreate: prepareForCreate,
    prepareForUpdate: prepareForUpdate,
    validate: validateCustomResourceDefinition,
    validateUpdate: validateCustomResourceDefinitionUpdate,
    warnings: formatWarnings,
    deletionFinalizers: [cleanupFinalizer],
  },
  subresources: {
    status: {
      kind: 'CustomResourceDefinition',
      verbs: readAndWriteVerbs,
      action: {
        type: 'fields',
        prepare: (definition: CustomResourceDefinition, old: CustomResourceDefinition) => ({
          ...definition,
          metadata: { ...old.metadata, resourceVersion: definition.metadata.resourceVersion },
          spec: old.spec,
        }),
        validate: validateCustomResourceDefinitionStatus,
      },
    },
  },
})

function withSpecDefaults(spec: CustomResourceDefinitionSpec): CustomResourceDefinitionSpec {
  const { names, conversion } = spec
  const kind = names?.kind ?? ''
  const named = names && withDefault(withDefault(names, 'singular', kind.toLowerCase()), 'listKind', kind && `${kind}List`)
  const service = conversion?.webhook?.clientConfig?.service
  const withPort =
    conversion && service && service.port === undefined
      ? {
          ...conversion,
          webhook: { ...conversion.webhook, clientConfig: { ...conversion.webhook?.clientConfig, service: { ...service, port: 443 } } },
        }
      : conversion
  return withField(
    withField(spec, 'names', named),
    'conversion',
    (withPort ?? { strategy: 'None' }) as CustomResourceDefinitionSpec['conversion'],
  )
}

const storageVersionOf = ({ versions = [] }: CustomResourceDefinitionSpec): string | undefined =>
  versions.find(({ storage }) => storage)?.name

/** The server alone says what became of a definition. */
function prepareForCreate(definition: CustomResourceDefinition, _context: RequestContext): CustomResourceDefinition {
  const storage = definition.spec && storageVersionOf(definition.spec)
  return withGeneration({ ...definition, status: { storedVersions: storage === undefined ? [] : [storage] } }, 1)
}

function prepareForUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): CustomResourceDefinition {
  const storage = storageVersionOf(definition.spec)
  const { storedVersions = [] } = old.status ?? {}
  const isNew = storage !== undefined && !storedVersions.includes(storage)
  const status = isNew ? { ...old.status, storedVersions: [...storedVersions, storage] } : old.status
  return countGeneration({ ...definition, status }, old)
}
