import { badRequest } from '../../apimachinery/api-errors.ts'
import { formatShortDuration, isTimeSince } from '../../apimachinery/cell.ts'
import type { Column, ServedVersion } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Clock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { toServed } from '../registry/conversion.ts'
import { type ObjectEncoder, revisionMember } from '../registry/encode.ts'
import { keepCells, keptCells, objectOf, type PrintedCells } from '../registry/stored-object.ts'
import type { Resource } from '../resources.ts'
import { type JsonPieces, jsonList } from './json-pieces.ts'
import type { Negotiated } from './negotiation.ts'
import type { PieceBuffers } from './piece-buffers.ts'

/** Tables: what `kubectl get` prints. Rows are put together of cells that were printed once and bytes of stored objects. */
export interface TablePrinter {
  head(resource: Resource, negotiated: Negotiated, listMeta: string, withColumns?: boolean): string
  /** Writes the rows of one table, whose ages are all of the same moment. */
  rows(resource: Resource, negotiated: Negotiated, include: IncludeObject): WriteRow
  /** A whole table of one object, for get and watch. */
  single(
    resource: Resource,
    negotiated: Negotiated,
    query: URLSearchParams,
    version: StoredVersion,
    revision: number,
    withColumns: boolean,
  ): Buffer
  bookmark(resource: Resource, negotiated: Negotiated, object: KubernetesObject, withColumns: boolean): string
}

export type WriteRow = (out: JsonPieces, version: StoredVersion, revision: number) => void

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`)
}

export function createTablePrinter(encoder: ObjectEncoder, buffers: PieceBuffers, clock: Clock, freeze: boolean): TablePrinter {
  const printed = (resource: Resource, version: StoredVersion): PrintedCells => {
    const kept = keptCells(version)
    if (kept?.of === resource.served) return kept
    const made = printCells(resource.served, toServed(resource, objectOf(resource, version, freeze)))
    keepCells(version, made)
    return made
  }

  const rows: TablePrinter['rows'] = (resource, { transformVersion }, include) => {
    const now = clock.now()
    const age = createAgePrinter()
    const object =
      include === 'Metadata'
        ? `],"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${transformVersion}","metadata":{`
        : `],"object":{"kind":"${resource.kind.kind}","apiVersion":"${resource.apiVersion}","metadata":{`
    return (out, version, revision) => {
      const { text, gaps } = printed(resource, version)
      out.text('{"cells":[')
      let start = 0
      for (let index = 0; index < gaps.length; index += 2) {
        const gap = gaps[index] as number
        out.text(text.slice(start, gap))
        out.text(age(now - (gaps[index + 1] as number)))
        start = gap
      }
      out.text(start === 0 ? text : text.slice(start))
      if (include === 'None') return out.text('],"object":null}')
      out.text(object)
      out.text(revisionMember(revision))
      if (include === 'Object') {
        encoder.writeTail(out, resource, version)
        return out.text('}')
      }
      encoder.writeMetadataTail(out, resource, version)
      out.text('}}')
    }
  }
  const head: TablePrinter['head'] = (resource, { transformVersion }, listMeta, withColumns = true) =>
    `{"kind":"Table","apiVersion":"meta.k8s.io/${transformVersion}","metadata":${listMeta},"columnDefinitions":${withColumns ? columnDefinitions(resource) : '[]'},"rows":[`

  return {
    head,
    rows,
    single(resource, negotiated, query, version, revision, withColumns) {
      const start = head(resource, negotiated, `{"resourceVersion":"${revision}"}`, withColumns)
      const write = rows(resource, negotiated, readIncludeObject(query))
      const pieces = [...jsonList(buffers, start, [version], expectedRowBytes, (out, one) => write(out, one, revision))]
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    },
    bookmark(resource, negotiated, object, withColumns) {
      const listMeta = JSON.stringify(object.metadata)
      const empty = resource.served.columns.map(() => 'null').join(',')
      return `${head(resource, negotiated, listMeta, withColumns)}{"cells":[${empty}],"object":${JSON.stringify(object)}}]}`
    },
  }
}

/** Cells say again what the object says, or little more. */
export const expectedRowBytes = ({ value }: StoredVersion): number => value.length + 1024

/** All cells of a row as JSON, with gaps for ages. */
function printCells(of: ServedVersion, object: KubernetesObject): PrintedCells {
  const texts: string[] = []
  const gaps: number[] = []
  let length = 0
  const add = (text: string) => {
    texts.push(text)
    length += text.length
  }
  for (const column of of.columns) {
    if (length > 0) add(',')
    const cell = column.cell(object as never) ?? null
    if (!isTimeSince(cell)) {
      add(JSON.stringify(cell))
      continue
    }
    add(JSON.stringify(cell.before).slice(0, -1))
    gaps.push(length, cell.since_ms)
    add(JSON.stringify(cell.behind).slice(1))
  }
  return { of, text: texts.join(''), gaps }
}

/** Neighbours in a list are often of the same second. */
function createAgePrinter(): (milliseconds: number) => string {
  let seconds = Number.NaN
  let text = ''
  return milliseconds => {
    const current = Math.trunc(milliseconds / 1000)
    if (current !== seconds) {
      seconds = current
      text = formatShortDuration(milliseconds)
    }
    return text
  }
}

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
