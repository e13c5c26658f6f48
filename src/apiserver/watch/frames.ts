import type { Status } from '../../apimachinery/api-errors.ts'
import { encodeProtobuf, encodeProtobufWatchFrame } from '../../apimachinery/codec/index.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { Status as StatusSchema } from '../../apimachinery/openapi/common-types.ts'
import { limits } from '../limits.ts'
import { metadataOnly, type ObjectEncoder } from '../registry/encode.ts'
import type { EncodedCache } from '../registry/encoded-cache.ts'
import type { Negotiated } from '../request/negotiation.ts'
import type { TablePrinter } from '../request/table.ts'
import type { Resource } from '../resources.ts'
import type { WatchItem } from './open-watch.ts'

/** Turns what a watcher is told into what is sent; frames that are the same for all watchers are made once. */
export interface WatchFrames {
  readonly contentType: string
  encode(item: WatchItem): Uint8Array
  /** All of these one behind the other, made once for all who are told the same; absent where that would be much. */
  encodeShared(items: readonly WatchItem[]): Uint8Array | undefined
}

export interface FrameRoom {
  readonly encoder: ObjectEncoder
  /** Frames are wanted by many at once and by nobody later: a small cache of their own. */
  readonly cache: EncodedCache
  readonly table: TablePrinter
}

/** Gives each watch its frames: the same to all that watch one resource in one form. */
export type FrameForms = (resource: Resource, negotiated: Negotiated, query: URLSearchParams) => WatchFrames

export function createFrameForms(room: FrameRoom): FrameForms {
  const known = new WeakMap<Resource, Map<string, WatchFrames>>()
  return (resource, negotiated, query) => {
    // What a table's first frame says depends on the watch.
    if (negotiated.as === 'Table') return tableFrames(room, resource, negotiated, query)
    const forms = known.get(resource) ?? new Map<string, WatchFrames>()
    known.set(resource, forms)
    const form = `${negotiated.media}|${negotiated.as}|${negotiated.transformVersion}`
    const frames = forms.get(form) ?? (negotiated.media === 'protobuf' ? protobufFrames : jsonFrames)(room, resource, negotiated)
    forms.set(form, frames)
    return frames
  }
}

type ObjectItem = Extract<WatchItem, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>
type BookmarkItem = Extract<WatchItem, { type: 'BOOKMARK' }>

/** Watchers of everything are told the same list of items, by which what was made of it is found. */
function shared(contentType: string, encode: (item: WatchItem) => Uint8Array): WatchFrames {
  const joined = new WeakMap<readonly WatchItem[], Uint8Array>()
  return {
    contentType,
    encode,
    encodeShared(items) {
      const known = joined.get(items)
      if (known) return known
      const bytes = join(items, encode)
      if (bytes) joined.set(items, bytes)
      return bytes
    },
  }
}

function join(items: readonly WatchItem[], encode: (item: WatchItem) => Uint8Array): Uint8Array | undefined {
  const frames: Uint8Array[] = []
  let bytes = 0
  for (const item of items) {
    // Behind an error a watch ends.
    if (item.type === 'ERROR') return
    const frame = encode(item)
    frames.push(frame)
    bytes += frame.length
    if (bytes > limits.unsentWatchBytes && items.length > 1) return
  }
  return frames.length === 1 ? frames[0] : Buffer.concat(frames, bytes)
}

function jsonFrames({ encoder, cache }: FrameRoom, resource: Resource, negotiated: Negotiated): WatchFrames {
  const partial = negotiated.as !== 'Object'
  const { transformVersion } = negotiated
  const body = (item: ObjectItem) =>
    partial
      ? encoder.metadata(resource, item.version, item.revision, transformVersion)
      : encoder.object(resource, item.version, item.revision)
  const bookmarkKind = partial ? 'PartialObjectMetadata' : resource.kind.kind
  const bookmarkVersion = partial ? `meta.k8s.io/${transformVersion}` : resource.apiVersion
  const suffix = `${partial ? transformVersion : ''}|${resource.apiVersion}`
  const keys = { ADDED: `ADDED${suffix}`, MODIFIED: `MODIFIED${suffix}`, DELETED: `DELETED${suffix}` }
  return shared('application/json', item => {
    if (item.type === 'ERROR') return errorFrame(item.status)
    if (item.type === 'BOOKMARK') return jsonFrame('BOOKMARK', JSON.stringify(bookmarkObject(bookmarkKind, bookmarkVersion, item)))
    return cache.get(item.version, keys[item.type], () => jsonFrame(item.type, body(item)))
  })
}

function jsonFrame(type: string, object: Buffer | string): Buffer {
  const head = `{"type":"${type}","object":`
  if (typeof object === 'string') return Buffer.from(`${head}${object}}\n`)
  const frame = Buffer.allocUnsafe(head.length + object.length + 2)
  frame.write(head, 0, 'latin1')
  object.copy(frame, head.length)
  frame.write('}\n', head.length + object.length, 'latin1')
  return frame
}

const errorFrame = (status: Status): Buffer => jsonFrame('ERROR', JSON.stringify(status))

function bookmarkObject(kind: string, apiVersion: string, { revision, initialEventsEnd }: BookmarkItem): KubernetesObject {
  const annotations = initialEventsEnd ? { 'k8s.io/initial-events-end': 'true' } : undefined
  return { kind, apiVersion, metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) } }
}

function tableFrames({ table }: FrameRoom, resource: Resource, negotiated: Negotiated, query: URLSearchParams): WatchFrames {
  let first = true
  const encode = (item: WatchItem): Buffer => {
    if (item.type === 'ERROR') return errorFrame(item.status)
    const withColumns = first
    first = false
    const text =
      item.type === 'BOOKMARK'
        ? table.bookmark(resource, negotiated, bookmarkObject('PartialObjectMetadata', 'meta.k8s.io/v1', item), withColumns)
        : table.single(resource, negotiated, query, item.version, item.revision, withColumns)
    return jsonFrame(item.type, text)
  }
  return { contentType: 'application/json', encode, encodeShared: () => undefined }
}

function protobufFrames({ encoder, cache }: FrameRoom, resource: Resource, { as, transformVersion }: Negotiated): WatchFrames {
  const partial = as !== 'Object'
  const apiVersion = partial ? `meta.k8s.io/${transformVersion}` : resource.apiVersion
  const kind = partial ? 'PartialObjectMetadata' : resource.kind.kind
  const suffix = `|protobuf${partial ? transformVersion : ''}|${resource.apiVersion}`
  const body = ({ version, revision }: ObjectItem) =>
    partial ? encoder.protobufMetadata(resource, version, revision, transformVersion) : encoder.protobuf(resource, version, revision)
  const frame = (type: string, envelope: Uint8Array) => Buffer.from(encodeProtobufWatchFrame(type, envelope))
  const status = (value: Status) => encodeProtobuf(StatusSchema, value, 'v1', 'Status')
  return shared('application/vnd.kubernetes.protobuf;stream=watch', item => {
    if (item.type === 'ERROR') return frame('ERROR', status(item.status))
    if (item.type === 'BOOKMARK') {
      return frame('BOOKMARK', encodeProtobuf(metadataOnly, bookmarkObject(kind, apiVersion, item), apiVersion, kind))
    }
    return cache.get(item.version, `${item.type}${suffix}`, () => frame(item.type, body(item)))
  })
}
