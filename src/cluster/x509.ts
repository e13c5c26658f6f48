import type { webcrypto } from 'node:crypto'
import type { Random } from '../base/random.ts'

export const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The X.509 library, loaded only when something must be signed: that costs more than a whole start. */
export async function loadX509() {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(crypto)
  return x509
}

/** A PKCS #8 key in PEM, for signing. */
export const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  crypto.subtle.importKey('pkcs8', Buffer.from(pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, ''), 'base64'), signing, false, ['sign'])

export function serialNumber(random: Random): string {
  const bytes = random.bytes(16)
  // A positive serial number: the highest bit stays clear.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return Buffer.from(bytes).toString('hex')
}
