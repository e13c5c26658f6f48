import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../../base/random.ts'
import { nonceBytes, openBox, sealBox } from './secretbox.ts'

/** One way to hide values, with one key: what follows the prefix is its own. */
export interface Provider {
  /** `k8s:enc:aesgcm:v1:key1:`, as upstream marks values; empty for the provider that hides nothing. */
  readonly prefix: string
  /** `path` is the key under which the value is stored, so that values can't change places. */
  hide(value: Uint8Array, path: string): Uint8Array
  /** Undefined where this is no value of its. */
  show(hidden: Uint8Array, path: string): Uint8Array | undefined
}

export const identity: Provider = { prefix: '', hide: value => value, show: value => value }

/** AES-GCM with a random nonce; the path is authenticated. */
export function aesgcm(name: string, key: Buffer, random: Random): Provider {
  const algorithm = `aes-${key.length * 8}-gcm` as 'aes-256-gcm'
  const nonceLength = 12
  const tagLength = 16
  return {
    prefix: `k8s:enc:aesgcm:v1:${name}:`,
    hide(value, path) {
      const nonce = random.bytes(nonceLength)
      const cipher = createCipheriv(algorithm, key, nonce)
      cipher.setAAD(Buffer.from(path))
      return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
    },
    show(hidden, path) {
      if (hidden.length < nonceLength + tagLength) return undefined
      const decipher = createDecipheriv(algorithm, key, hidden.subarray(0, nonceLength))
      decipher.setAAD(Buffer.from(path))
      decipher.setAuthTag(hidden.subarray(hidden.length - tagLength))
      return unlessWrong(() => Buffer.concat([decipher.update(hidden.subarray(nonceLength, hidden.length - tagLength)), decipher.final()]))
    },
  }
}

/** AES-CBC with PKCS #7 padding, for values of clusters that have it: it hides, but does not authenticate. */
export function aescbc(name: string, key: Buffer, random: Random): Provider {
  const algorithm = `aes-${key.length * 8}-cbc`
  const block = 16
  return {
    prefix: `k8s:enc:aescbc:v1:${name}:`,
    hide(value) {
      const start = random.bytes(block)
      const cipher = createCipheriv(algorithm, key, start)
      return Buffer.concat([start, cipher.update(value), cipher.final()])
    },
    show(hidden) {
      if (hidden.length < 2 * block || hidden.length % block !== 0) return undefined
      const decipher = createDecipheriv(algorithm, key, hidden.subarray(0, block))
      return unlessWrong(() => Buffer.concat([decipher.update(hidden.subarray(block)), decipher.final()]))
    },
  }
}

/** XSalsa20 and Poly1305 with a random nonce. */
export function secretbox(name: string, key: Buffer, random: Random): Provider {
  return {
    prefix: `k8s:enc:secretbox:v1:${name}:`,
    hide(value) {
      const nonce = random.bytes(nonceBytes)
      return Buffer.concat([nonce, sealBox(key, nonce, value)])
    },
    show: hidden => (hidden.length < nonceBytes ? undefined : openBox(key, hidden.subarray(0, nonceBytes), hidden.subarray(nonceBytes))),
  }
}

function unlessWrong(decrypt: () => Buffer): Buffer | undefined {
  try {
    return decrypt()
  } catch {
    // Another key's, or changed: both look the same from here.
    return undefined
  }
}
