import { pemBlocks } from './pem.ts'

/**
 * What a PKCS #10 certificate request says, read from its DER. The structure alone: whether the signature is genuine,
 * whoever signs the certificate checks.
 */
export interface CertificateRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly emailAddresses: readonly string[]
  /** As text. */
  readonly ipAddresses: readonly string[]
  readonly uris: readonly string[]
  /** DER of the public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array
  /** DER of the part that is signed, the OID of how, and the signature. */
  readonly signed: Uint8Array
  readonly signatureAlgorithm: string
  readonly signature: Uint8Array
}

/** Throws an error that says what is wrong with the text: exactly one PEM block with a request in it is wanted. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const block = pemBlocks(pem).next().value
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const text = block.body.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const [request, after] = readElement(Buffer.from(text, 'base64'), 0)
  if (after !== request.whole.length) throw new Error('asn1: syntax error: trailing data')
  const [info, algorithm, signature] = childrenOf(request, sequence)
  const [version, subject, publicKey, attributes] = childrenOf(info, sequence)
  if (version?.tag !== integer) throw malformed
  const names = readNames(subject)
  return {
    commonName: names.findLast(([type]) => type === oids.commonName)?.[1] ?? '',
    organizations: names.filter(([type]) => type === oids.organization).map(([, value]) => value),
    ...readAlternativeNames(attributes),
    publicKey: expect(publicKey, sequence).whole,
    signed: expect(info, sequence).whole,
    signatureAlgorithm: readOid(childrenOf(algorithm, sequence)[0]),
    // The first byte of a bit string counts its unused bits.
    signature: expect(signature, bitString).content.subarray(1),
  }
}

const oids = { commonName: '2.5.4.3', organization: '2.5.4.10', extensionRequest: '1.2.840.113549.1.9.14', alternativeName: '2.5.29.17' }

const integer = 0x02
const bitString = 0x03
const octetString = 0x04
const objectIdentifier = 0x06
const sequence = 0x30
const set = 0x31
const malformed = new Error('asn1: structure error: this is no certificate request')

interface Element {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

function readElement(bytes: Buffer, start: number): [Element, next: number] {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw malformed
  let length = first
  let at = start + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4 || at + count > bytes.length) throw malformed
    length = bytes.readUIntBE(at, count)
    at += count
  }
  const end = at + length
  if (end > bytes.length) throw malformed
  return [{ tag, content: bytes.subarray(at, end), whole: bytes.subarray(start, end) }, end]
}

function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw malformed
  return element
}

function childrenOf(element: Element | undefined, tag: number): Element[] {
  const { content } = expect(element, tag)
  const children: Element[] = []
  for (let at = 0; at < content.length; ) {
    const [child, next] = readElement(content, at)
    children.push(child)
    at = next
  }
  return children
}

function readOid(element: Element | undefined): string {
  const { content } = expect(element, objectIdentifier)
  const parts: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (parts.length === 0) parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
    else parts.push(value)
    value = 0
  }
  return parts.join('.')
}

function readNames(subject: Element | undefined): (readonly [oid: string, value: string])[] {
  return childrenOf(subject, sequence).flatMap(group =>
    childrenOf(group, set).map(attribute => {
      const [type, value] = childrenOf(attribute, sequence)
      return [readOid(type), readText(value)] as const
    }),
  )
}

const utf16Text = 0x1e

function readText(element: Element | undefined): string {
  if (!element) throw malformed
  if (element.tag === utf16Text) return Buffer.from(element.content).swap16().toString('utf16le')
  return element.content.toString('utf8')
}

type AlternativeNames = Pick<CertificateRequest, 'dnsNames' | 'emailAddresses' | 'ipAddresses' | 'uris'>

// Choices of a GeneralName.
const email = 0x81
const dns = 0x82
const uri = 0x86
const address = 0x87

function readAlternativeNames(attributes: Element | undefined): AlternativeNames {
  const names = { dnsNames: [] as string[], emailAddresses: [] as string[], ipAddresses: [] as string[], uris: [] as string[] }
  if (!attributes) return names
  for (const attribute of childrenOf(attributes, 0xa0)) {
    const [type, values] = childrenOf(attribute, sequence)
    if (readOid(type) !== oids.extensionRequest) continue
    for (const extensions of childrenOf(values, set)) {
      for (const extension of childrenOf(extensions, sequence)) {
        const parts = childrenOf(extension, sequence)
        if (readOid(parts[0]) !== oids.alternativeName) continue
        const [list] = readElement(expect(parts.at(-1), octetString).content, 0)
        for (const { tag, content } of childrenOf(list, sequence)) {
          if (tag === email) names.emailAddresses.push(content.toString())
          else if (tag === dns) names.dnsNames.push(content.toString())
          else if (tag === uri) names.uris.push(content.toString())
          else if (tag === address) names.ipAddresses.push(formatAddress(content))
        }
      }
    }
  }
  return names
}

function formatAddress(content: Buffer): string {
  if (content.length === 4) return content.join('.')
  if (content.length !== 16) throw new Error('x509: cannot parse IP address')
  const groups = Array.from({ length: 8 }, (_, index) => content.readUInt16BE(index * 2).toString(16))
  return groups.join(':')
}
