import { randomBytes, randomUUID } from 'node:crypto'

/** Randomness as a parameter: the system's own in use, a seeded one in simulations. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  bytes(count: number): Uint8Array
  /** A version 4 UUID. */
  uuid(): string
}

export function systemRandom(): Random {
  return { next: () => Math.random(), bytes: count => randomBytes(count), uuid: () => randomUUID() }
}

/** A reproducible generator (mulberry32); not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256))
  return {
    next,
    bytes,
    uuid() {
      const raw = bytes(16)
      raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40
      raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80
      const hex = Buffer.from(raw).toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    },
  }
}

// Without vowels and look-alikes, as upstream's generated names, so that no word appears by chance.
const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** The random suffix of generated names. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = ''
  for (let index = 0; index < length; index++) suffix += nameAlphabet[Math.floor(random.next() * nameAlphabet.length)]
  return suffix
}
