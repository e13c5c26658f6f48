import { badRequest } from '../api-errors.ts'
import { isJsonObject } from '../json-value.ts'

/** What tells an item of a list from its neighbours: its merge key's value, or itself. */
const identity = (item: unknown, mergeKey: string | undefined): unknown =>
  mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item

/**
 * Puts the items of a merged list in order. Items named by `order` (the patch, or its `$setElementOrder`) follow that order;
 * the server's other items keep theirs, and stand before an item of the patch exactly if they stood before it on the server.
 */
export function arrangeItems(
  items: readonly unknown[],
  order: readonly unknown[],
  server: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const placeInOrder = placesOf(order, mergeKey)
  const placeOnServer = placesOf(server, mergeKey)
  const place = (places: ReadonlyMap<unknown, number>, item: unknown) => places.get(identity(item, mergeKey))
  const named = items.filter(item => place(placeInOrder, item) !== undefined)
  const others = items.filter(item => place(placeInOrder, item) === undefined)
  named.sort((a, b) => (place(placeInOrder, a) ?? 0) - (place(placeInOrder, b) ?? 0))
  others.sort((a, b) => (place(placeOnServer, a) ?? 0) - (place(placeOnServer, b) ?? 0))

  const arranged: unknown[] = []
  let next = 0
  for (const item of named) {
    const here = place(placeOnServer, item)
    while (here !== undefined && next < others.length && (place(placeOnServer, others[next]) ?? Infinity) < here) {
      arranged.push(others[next++])
    }
    arranged.push(item)
  }
  return arranged.concat(others.slice(next))
}

/** Every item that the patch sets must stand in the element order, in the same sequence. */
export function checkOrderCovers(patch: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  const names = order.map(item => identity(item, mergeKey))
  let from = 0
  for (const item of patch) {
    if (isJsonObject(item) && Object.hasOwn(item, '$patch')) continue
    from = names.indexOf(identity(item, mergeKey), from) + 1
    if (from === 0) {
      throw badRequest(
        `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
      )
    }
  }
}

function placesOf(list: readonly unknown[], mergeKey: string | undefined): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>()
  for (const [index, item] of list.entries()) {
    const key = identity(item, mergeKey)
    if (!places.has(key)) places.set(key, index)
  }
  return places
}
