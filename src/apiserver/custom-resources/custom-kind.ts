import { customKindSchema, type JsonSchema, settler } from '../../apimachinery/json-schema/index.ts'
import { parseJsonPath, valuesAt } from '../../apimachinery/json-schema/json-path.ts'
import { allVerbs, type Kind, type KindStorage, type ServedVersion, type Subresource } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../apis/index.ts'
import { columnsOf } from './columns.ts'
import { deprecationWarning } from './deprecation.ts'
import { scaleOf } from './scale.ts'
import { type CustomKindRules, customStrategy, statusOf } from './strategy.ts'

/**
 * The kinds that a definition makes: one for each version that is served, and one for the version that is stored, served
 * or not. All names are those that were accepted.
 */
export function customKinds(definition: CustomResourceDefinition, convert: KindStorage['convert']): readonly Kind[] {
  const { versions } = definition.spec
  const main =
    versions.find(({ served, storage }) => served && storage) ??
    versions.find(({ served }) => served) ??
    versions.find(({ storage }) => storage)
  return versions
    .filter(version => version.served || version.storage)
    .map(version => customKind(definition, version, version === main, convert))
}

function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  isMain: boolean,
  convert: KindStorage['convert'],
): Kind {
  const { spec, status, metadata } = definition
  const { group, scope, versions } = spec
  const names = status?.acceptedNames ?? spec.names
  const jsonSchema = (version.schema?.openAPIV3Schema ?? {}) as JsonSchema
  const schema = customKindSchema(jsonSchema)
  const { kind, plural: resource } = names
  const hasStatus = version.subresources?.status !== undefined
  const rules: CustomKindRules = {
    group,
    resource,
    kind,
    schema: jsonSchema,
    hasStatus,
    terminating: metadata.deletionTimestamp !== undefined,
  }
  const warning = deprecationWarning(definition, version)
  const served: ServedVersion = {
    group,
    version: version.name,
    schema,
    columns: columnsOf(version),
    ...(warning && { deprecationWarning: warning }),
  }
  return {
    kind,
    listKind: names.listKind || `${kind}List`,
    resource,
    singular: names.singular || kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    scope: scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    group,
    version: version.name,
    schema: schema as Kind['schema'],
    served: version.served ? [served] : [],
    verbs: allVerbs,
    strategy: customStrategy(rules),
    subresources: subresourcesOf(version, rules),
    selectableFields: selectableFieldsOf(version),
    custom: true,
    storage: {
      version: versions.find(({ storage }) => storage)?.name ?? version.name,
      isMain,
      read: settler(jsonSchema),
      // A kind of one version has nothing to convert.
      ...(convert && versions.length > 1 && { convert }),
    },
  }
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, rules: CustomKindRules): Readonly<Record<string, Subresource>> {
  const { status, scale } = subresources ?? {}
  return { ...(scale && { scale: scaleOf(scale) }), ...(status && { status: statusOf(rules) }) }
}

function selectableFieldsOf({ selectableFields = [] }: CustomResourceDefinitionVersion): Kind['selectableFields'] {
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => {
      const parsed = parseJsonPath(jsonPath)
      const path = 'path' in parsed ? parsed.path : []
      const read = (object: KubernetesObject): string => {
        const [value] = valuesAt(path, object)
        return value === undefined || value === null ? '' : String(value)
      }
      return [jsonPath.replace(/^\./, ''), read]
    }),
  )
}
