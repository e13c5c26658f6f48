import type { RequestAttributes } from '../../apimachinery/request.ts'
import type { Clock } from '../../base/clock.ts'
import type { StorageView } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { collectionPrefix, type ResourceCatalog } from '../resources.ts'
import type { HttpAnswer } from '../types.ts'
import type { Seat } from './index.ts'

interface Room {
  readonly catalog: ResourceCatalog
  readonly registry: { readonly storage: { readonly committed: StorageView } }
}

/** A list of so many objects takes one seat. */
const objectsPerSeat = 100
const mostSeats = 10

/** How many seats a request takes: lists, and watches that begin with one, take more the longer they are. */
export function widthOf(
  { catalog, registry }: Room,
  { attributes, query }: { readonly attributes: RequestAttributes; readonly query: URLSearchParams },
): number {
  const { verb, group, version, resource, namespace, name } = attributes
  if ((verb !== 'list' && verb !== 'watch') || name !== '') return 1
  const found = catalog.find(group, version, resource)
  if (!found) return 1
  if (verb === 'watch' && query.get('sendInitialEvents') !== 'true' && query.get('resourceVersion')) return 1
  const objects = registry.storage.committed.count(collectionPrefix(found, namespace))
  const limit = Number(query.get('limit')) || Number.POSITIVE_INFINITY
  return Math.min(mostSeats, Math.max(1, Math.ceil(Math.min(objects, limit) / objectsPerSeat)))
}

/**
 * A seat is left when the answer is there, or, for one in many pieces, when its last piece was made: making them is work.
 * A client that is slow to take them keeps its answer, not its seat.
 */
export function leavingWhenSent(body: HttpAnswer['body'], seat: Seat, clock: Clock): HttpAnswer['body'] {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array || 'start' in body) {
    seat.leave()
    return body
  }
  const slow = clock.setTimer(limits.slowAnswer_ms, () => seat.leave())
  return withEnd(body, () => {
    slow.cancel()
    seat.leave()
  })
}

async function* withEnd(pieces: AsyncIterable<Uint8Array | string>, end: () => void): AsyncGenerator<Uint8Array | string> {
  try {
    yield* pieces
  } finally {
    end()
  }
}
