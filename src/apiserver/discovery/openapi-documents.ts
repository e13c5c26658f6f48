import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Kind } from '../../apimachinery/kind.ts'
import {
  encodeOpenApiV2Protobuf,
  type OpenApiDocument,
  openApiHash,
  openApiV2,
  openApiV3,
  openApiV3Roots,
} from '../../apimachinery/openapi/index.ts'
import type { Clock } from '../../base/clock.ts'
import type { Aggregation } from '../aggregation/index.ts'
import type { ResourceCatalog } from '../resources.ts'
import { type ServedGroupVersion, servedGroups } from './groups.ts'
import { mergeOpenApi } from './remote-open-api.ts'

/** A document as it is sent. */
export interface SentDocument {
  readonly body: Buffer
  readonly etag: string
}

/**
 * OpenAPI as bytes, made on first demand and kept until kinds change. The documents are large and asked for seldom,
 * so they rest compressed.
 */
export interface OpenApiDocuments {
  version2(protobuf: boolean): Promise<SentDocument>
  /** Group and version by path (`apis/apps/v1`), with the hash of its document. */
  version3Index(): Promise<ReadonlyMap<string, string>>
  version3(path: string): Promise<SentDocument | undefined>
  /** Where the documents of servers elsewhere are, by the same paths. */
  remoteVersion3(): ReadonlyMap<string, string>
}

const compress = promisify(gzip)

const isSame = (a: readonly Kind[], b: readonly Kind[]): boolean => a.length === b.length && a.every((kind, index) => kind === b[index])

export function createOpenApiDocuments(
  catalog: ResourceCatalog,
  clock: Clock,
  version: string,
  aggregation: Aggregation | undefined,
): OpenApiDocuments {
  let generation = -1
  let remoteGeneration = -1
  let made = new Map<string, Promise<SentDocument>>()
  let roots: ReadonlyMap<string, OpenApiDocument> | undefined
  let index: Promise<ReadonlyMap<string, string>> | undefined
  // Kinds come and go in their own group and version; documents of all others stay as they are.
  const byGroupVersion = new Map<string, { readonly kinds: readonly Kind[]; readonly document: Promise<SentDocument> }>()

  const refresh = () => {
    if (generation === catalog.generation && remoteGeneration === (aggregation?.generation ?? -1)) return
    generation = catalog.generation
    remoteGeneration = aggregation?.generation ?? -1
    made = new Map()
    index = undefined
    roots = undefined
  }
  const once = (key: string, make: () => Promise<SentDocument>): Promise<SentDocument> => {
    refresh()
    let document = made.get(key)
    if (!document) {
      document = make()
      made.set(key, document)
    }
    return document
  }
  const paths = () =>
    new Map(
      servedGroups(catalog.kinds).flatMap(({ versions }) =>
        versions.map(one => [one.group === '' ? `api/${one.version}` : `apis/${one.group}/${one.version}`, one] as const),
      ),
    )
  const sent = async (document: OpenApiDocument): Promise<SentDocument> => ({
    body: await compress(JSON.stringify(document)),
    etag: openApiHash(document),
  })
  const makeVersion3 = (kinds: readonly Kind[], { group, version }: ServedGroupVersion) => sent(openApiV3(kinds, group, version))
  /** Of what is above all versions: a few, and small. */
  const rootDocuments = () => {
    refresh()
    roots ??= openApiV3Roots(catalog.kinds)
    return roots
  }
  const version3 = async (path: string): Promise<SentDocument | undefined> => {
    const found = paths().get(path)
    if (!found) {
      byGroupVersion.delete(path)
      const root = rootDocuments().get(path)
      return root && once(`v3 ${path}`, () => sent(root))
    }
    const kinds = found.resources.map(({ kind }) => kind)
    const known = byGroupVersion.get(path)
    if (known && isSame(known.kinds, kinds)) return known.document
    const document = makeVersion3(kinds, found)
    byGroupVersion.set(path, { kinds, document })
    return document
  }
  const makeIndex = async () => {
    const hashes = new Map<string, string>()
    const served = paths()
    for (const path of byGroupVersion.keys()) if (!served.has(path)) byGroupVersion.delete(path)
    for (const path of [...rootDocuments().keys(), ...served.keys()]) {
      hashes.set(path, (await version3(path))?.etag ?? '')
      await clock.yield()
    }
    return hashes
  }

  const withRemote = async (document: OpenApiDocument): Promise<OpenApiDocument> => {
    let merged = document
    for (const remote of aggregation?.remotes ?? [])
      if (aggregation && remote.isAvailable) merged = mergeOpenApi(merged, remote, await aggregation.readOpenApi(remote))
    return merged
  }

  return {
    version3,
    remoteVersion3() {
      const described = (aggregation?.remotes ?? []).flatMap(({ name, group, version }) => {
        const url = aggregation?.describe(name)?.openApiV3
        return url === undefined ? [] : [[`apis/${group}/${version}`, url] as const]
      })
      return new Map(described)
    },
    version3Index() {
      refresh()
      index ??= makeIndex()
      return index
    },
    version2: protobuf =>
      once(protobuf ? 'v2 protobuf' : 'v2', async () => {
        const document = await withRemote(openApiV2(catalog.kinds, { version }))
        await clock.yield()
        const bytes = protobuf ? encodeOpenApiV2Protobuf(document) : Buffer.from(JSON.stringify(document))
        return { body: await compress(bytes), etag: openApiHash(document) }
      }),
  }
}
