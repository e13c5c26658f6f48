import { timingSafeEqual } from 'node:crypto'

/**
 * NaCl's secretbox, XSalsa20 with Poly1305, which OpenSSL does not have: written here after its public specification and
 * tested against NaCl's own vector. No branch and no table access depends on the key or the text.
 */
export const nonceBytes = 24
const tagBytes = 16

/** The tag, then the text in cipher. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Buffer {
  const { stream, tagKey } = keyStream(key, nonce, text.length)
  const box = Buffer.allocUnsafe(tagBytes + text.length)
  for (let index = 0; index < text.length; index++) box[tagBytes + index] = (text[index] as number) ^ (stream[index] as number)
  box.set(poly1305(tagKey, box.subarray(tagBytes)))
  return box
}

/** Undefined where the box was not sealed with this key and nonce. */
export function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Buffer | undefined {
  if (box.length < tagBytes) return undefined
  const hidden = box.subarray(tagBytes)
  const { stream, tagKey } = keyStream(key, nonce, hidden.length)
  if (!timingSafeEqual(poly1305(tagKey, hidden), box.subarray(0, tagBytes))) return undefined
  const text = Buffer.allocUnsafe(hidden.length)
  for (let index = 0; index < hidden.length; index++) text[index] = (hidden[index] as number) ^ (stream[index] as number)
  return text
}

const blockBytes = 64
const tagKeyBytes = 32

/** The first bytes of the stream are the tag's key. */
function keyStream(key: Uint8Array, nonce: Uint8Array, length: number): { readonly stream: Uint8Array; readonly tagKey: Uint8Array } {
  const inner = derive(wordsOf(key), wordsOf(nonce.subarray(0, 16)))
  const words = wordsOf(nonce.subarray(16))
  const blocks = Math.ceil((tagKeyBytes + length) / blockBytes)
  const bytes = new Uint8Array(blocks * blockBytes)
  const view = new DataView(bytes.buffer)
  for (let block = 0; block < blocks; block++) {
    const input = stateOf(inner, [words[0] as number, words[1] as number, block >>> 0, 0])
    const mixed = mix(input)
    for (let word = 0; word < 16; word++)
      view.setUint32(block * blockBytes + word * 4, ((mixed[word] as number) + (input[word] as number)) >>> 0, true)
  }
  return { stream: bytes.subarray(tagKeyBytes), tagKey: bytes.subarray(0, tagKeyBytes) }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true))
}

/** "expand 32-byte k" */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const

/** Salsa20's square of words: constants on the diagonal, the key around them, nonce and counter in the middle. */
function stateOf(key: Uint32Array, middle: ArrayLike<number>): Uint32Array {
  const state = new Uint32Array(16)
  for (let index = 0; index < 4; index++) {
    state[index * 5] = constants[index] as number
    state[1 + index] = key[index] as number
    state[6 + index] = middle[index] as number
    state[11 + index] = key[4 + index] as number
  }
  return state
}

/** HSalsa20: a key for this nonce. */
function derive(key: Uint32Array, nonce: Uint32Array): Uint32Array {
  const mixed = mix(stateOf(key, nonce))
  return Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], index => mixed[index] as number)
}

const columns = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
] as const
const rows = [
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const

function mix(input: Uint32Array): Uint32Array {
  const state = Uint32Array.from(input)
  for (let round = 0; round < 20; round += 2) {
    for (const quarter of columns) quarterRound(state, quarter)
    for (const quarter of rows) quarterRound(state, quarter)
  }
  return state
}

function quarterRound(state: Uint32Array, [a, b, c, d]: readonly [number, number, number, number]): void {
  state[b] = (state[b] as number) ^ rotated((state[a] as number) + (state[d] as number), 7)
  state[c] = (state[c] as number) ^ rotated((state[b] as number) + (state[a] as number), 9)
  state[d] = (state[d] as number) ^ rotated((state[c] as number) + (state[b] as number), 13)
  state[a] = (state[a] as number) ^ rotated((state[d] as number) + (state[c] as number), 18)
}

const rotated = (sum: number, by: number): number => (sum << by) | (sum >>> (32 - by))

// Numbers of 130 bits in ten limbs of 13: products of limbs and their sums stay exact in a double.
const limbs = 10
const limbBits = 13
const limbSize = 1 << limbBits

function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = limbsOf(clamp(key.subarray(0, 16)), 0)
  const sum = new Float64Array(limbs)
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    const value = limbsOf(block, 1)
    for (let limb = 0; limb < limbs; limb++) sum[limb] = (sum[limb] as number) + (value[limb] as number)
    multiply(sum, r)
  }
  return finish(sum, key.subarray(16))
}

function clamp(bytes: Uint8Array): Uint8Array {
  const clamped = Uint8Array.from(bytes)
  for (const index of [3, 7, 11, 15]) clamped[index] = (clamped[index] as number) & 0x0f
  for (const index of [4, 8, 12]) clamped[index] = (clamped[index] as number) & 0xfc
  return clamped
}

/** Little-endian; `top` is the bit behind the last byte. */
function limbsOf(bytes: Uint8Array, top: 0 | 1): Float64Array {
  const value = new Float64Array(limbs)
  const padded = new Uint8Array(18)
  padded.set(bytes)
  padded[bytes.length] = top
  for (let limb = 0; limb < limbs; limb++) {
    const bit = limb * limbBits
    const byte = bit >> 3
    const three = (padded[byte] as number) | ((padded[byte + 1] ?? 0) << 8) | ((padded[byte + 2] ?? 0) << 16)
    value[limb] = (three >>> (bit & 7)) & (limbSize - 1)
  }
  return value
}

/** sum = sum * r modulo 2^130 - 5; what overflows comes back times five. */
function multiply(sum: Float64Array, r: Float64Array): void {
  const product = new Float64Array(limbs)
  for (let left = 0; left < limbs; left++) {
    for (let right = 0; right < limbs; right++) {
      const place = left + right
      const part = (sum[left] as number) * (r[right] as number)
      if (place < limbs) product[place] = (product[place] as number) + part
      else product[place - limbs] = (product[place - limbs] as number) + 5 * part
    }
  }
  sum.set(product)
  carry(sum)
}

function carry(value: Float64Array): void {
  // Twice: the first carry out of the top may overflow the bottom again.
  for (let turn = 0; turn < 2; turn++) {
    let over = 0
    for (let limb = 0; limb < limbs; limb++) {
      const whole = (value[limb] as number) + over
      over = Math.floor(whole / limbSize)
      value[limb] = whole - over * limbSize
    }
    value[0] = (value[0] as number) + 5 * over
  }
}

const prime = (1n << 130n) - 5n

function finish(sum: Float64Array, pad: Uint8Array): Uint8Array {
  carry(sum)
  let value = 0n
  for (let limb = limbs - 1; limb >= 0; limb--) value = value * BigInt(limbSize) + BigInt(sum[limb] as number)
  const tag = (value % prime) + BigInt(`0x${Buffer.from(pad).reverse().toString('hex')}`)
  return Buffer.from((tag % (1n << 128n)).toString(16).padStart(32, '0'), 'hex').reverse()
}
