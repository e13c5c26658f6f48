import { badRequest } from '../../apimachinery/api-errors.ts'
import type { Column } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Clock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { toServed } from '../registry/conversion.ts'
import type { ObjectEncoder } from '../registry/encode.ts'
import type { EncodedCache } from '../registry/encoded-cache.ts'
import { objectOf } from '../registry/stored-object.ts'
import type { Resource } from '../resources.ts'
import type { Negotiated } from './negotiation.ts'

/** Tables: what `kubectl get` prints. Texts of JSON, since rows are spliced from cached pieces. */
export interface TablePrinter {
  head(resource: Resource, negotiated: Negotiated, listMeta: string, withColumns?: boolean): string
  row(resource: Resource, negotiated: Negotiated, include: IncludeObject, version: StoredVersion, revision: number): string
  /** A whole table of one object, for get and watch. */
  single(
    resource: Resource,
    negotiated: Negotiated,
    query: URLSearchParams,
    version: StoredVersion,
    revision: number,
    withColumns: boolean,
  ): string
  bookmark(resource: Resource, negotiated: Negotiated, object: KubernetesObject, withColumns: boolean): string
}

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`)
}

export function createTablePrinter(encoder: ObjectEncoder, cache: EncodedCache, clock: Clock, freeze: boolean): TablePrinter {
  // Everything of a row but cells that change with time: computed once, with gaps for those.
  const pieces = (resource: Resource, version: StoredVersion): readonly string[] => {
    const made = cache.get(version, `row|${resource.apiVersion}`, () => {
      const object = toServed(resource, objectOf(resource, version, freeze))
      return Buffer.from(resource.served.columns.map(column => (column.timeDependent ? '' : cellText(column, object, 0))).join('\n'))
    })
    return made.toString().split('\n')
  }
  const cells = (resource: Resource, version: StoredVersion): string => {
    const { columns } = resource.served
    const texts = pieces(resource, version)
    let text = ''
    let object: KubernetesObject | undefined
    const now = clock.now()
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column
      if (column.timeDependent) object ??= toServed(resource, objectOf(resource, version, freeze))
      const cell = column.timeDependent ? cellText(column, object as KubernetesObject, now) : texts[index]
      text += index === 0 ? cell : `,${cell}`
    }
    return text
  }

  const row: TablePrinter['row'] = (resource, { transformVersion }, include, version, revision) => {
    const head = `{"cells":[${cells(resource, version)}]`
    if (include === 'None') return `${head},"object":null}`
    const object =
      include === 'Object' ? encoder.object(resource, version, revision) : encoder.metadata(resource, version, revision, transformVersion)
    return `${head},"object":${object.toString()}}`
  }
  const head: TablePrinter['head'] = (resource, { transformVersion }, listMeta, withColumns = true) =>
    `{"kind":"Table","apiVersion":"meta.k8s.io/${transformVersion}","metadata":${listMeta},"columnDefinitions":${withColumns ? columnDefinitions(resource) : '[]'},"rows":[`

  return {
    head,
    row,
    single(resource, negotiated, query, version, revision, withColumns) {
      const listMeta = `{"resourceVersion":"${revision}"}`
      const include = readIncludeObject(query)
      return `${head(resource, negotiated, listMeta, withColumns)}${row(resource, negotiated, include, version, revision)}]}`
    },
    bookmark(resource, negotiated, object, withColumns) {
      const listMeta = JSON.stringify(object.metadata)
      const empty = resource.served.columns.map(() => 'null').join(',')
      return `${head(resource, negotiated, listMeta, withColumns)}{"cells":[${empty}],"object":${JSON.stringify(object)}}]}`
    },
  }
}

const cellText = (column: Column, object: KubernetesObject, now: number): string =>
  JSON.stringify(column.cell(object as never, now) ?? null)

const columnDefinitions = ({ served, kind }: Resource): string =>
  JSON.stringify(
    served.columns.map(({ name, type, format = '', description, priority }) => ({
      name,
      type: kind.custom ? type : columnType(type),
      format,
      description,
      priority,
    })),
  )

// Upstream's own tables call dates strings, and clients print them as they come.
const columnType = (type: Column['type']): string => (type === 'date' ? 'string' : type)
