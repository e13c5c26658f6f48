import type { Random } from '../../base/random.ts'

/** How many numbers at the low end are left to those who ask for one by hand: a share of the range within bounds, as upstream. */
export function reservedLow(size: number, smallest: number, largest: number, share: number): number {
  const reserved = Math.min(Math.max(smallest, Math.floor(size / share)), largest)
  return reserved < size ? reserved : 0
}

/** A free number below `size`: from above the reserved ones while there is one, then from them; undefined when all are taken. */
export function chooseFree(random: Random, size: number, reserved: number, isFree: (candidate: number) => boolean): number | undefined {
  return chooseWithin(random, reserved, size, isFree) ?? chooseWithin(random, 0, reserved, isFree)
}

function chooseWithin(random: Random, from: number, to: number, isFree: (candidate: number) => boolean): number | undefined {
  const count = to - from
  if (count <= 0) return undefined
  const offset = Math.floor(random.next() * count)
  for (let step = 0; step < count; step++) {
    const candidate = from + ((offset + step) % count)
    if (isFree(candidate)) return candidate
  }
  return undefined
}
