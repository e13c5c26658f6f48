import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHeaderDecoder } from './header-decoder.ts'
import { encodeHeaders } from './header-encoder.ts'
import { decodeHuffman } from './huffman.ts'
import { ConnectionError, frameHead_bytes } from './protocol.ts'
import { readRequestHead } from './request-head.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const pairs = (fields: readonly { name: string; value: string }[] | undefined) => fields?.map(({ name, value }) => `${name}: ${value}`)

describe('HPACK', () => {
  it('decodes the requests of RFC 7541, appendices C.3 and C.4, one after the other', () => {
    const plain = [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ]
    const huffman = [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ]
    const expected = [
      [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
      [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
      [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
    ]
    for (const blocks of [plain, huffman]) {
      const decode = createHeaderDecoder(4096)
      assert.deepEqual(
        blocks.map(block => pairs(decode(hex(block)))),
        expected,
      )
    }
  })

  it('forgets what its table has no room for', () => {
    const decode = createHeaderDecoder(1 << 20)
    const literal = (value: string) => Buffer.concat([hex('4001 61 7f'), integerRest(value.length - 127), Buffer.from(value)])
    decode(literal('x'.repeat(3000)))
    decode(literal('y'.repeat(3000)))
    assert.deepEqual(pairs(decode(hex('be'))), [`a: ${'y'.repeat(3000)}`])
    assert.throws(() => decode(hex('bf')), ConnectionError)
    decode(hex('20'))
    assert.throws(() => decode(hex('be')), ConnectionError)
  })

  it('refuses what is broken', () => {
    const cases: [block: string, why: RegExp][] = [
      ['80', /an index beyond the table/],
      ['ff ff ff ff ff ff 0f', /an integer that is too long/],
      ['ff', /an integer that is too long/],
      ['40 05 61', /a string that does not end/],
      ['40', /an end where a string should be/],
      ['82 20', /a change of the table size behind fields/],
      ['3f e2 1f', /a table of 4097 bytes/],
      // Huffman: the end of the string spelled out, padding that is no padding, and more than seven bits of it.
      ['40 84 ff ff ff ff 01 61', /no Huffman code/],
      ['40 81 00 01 61', /no Huffman code/],
      ['40 82 1f ff 01 61', /no Huffman code/],
    ]
    for (const [block, why] of cases) assert.throws(() => createHeaderDecoder(4096)(hex(block)), why, block)
  })

  it('keeps no list beyond the limit, and knows its table afterwards', () => {
    const decode = createHeaderDecoder(200)
    const bomb = Buffer.concat([hex('4001 61 28'), Buffer.alloc(40, 'b'), Buffer.alloc(4, 0xbe)])
    assert.equal(decode(bomb), undefined)
    assert.deepEqual(pairs(decode(hex('be'))), [`a: ${'b'.repeat(40)}`])
  })

  it('encodes what it decodes itself', () => {
    const headers = {
      'content-type': 'application/json',
      'audit-id': 'x'.repeat(300),
      warning: ['299 - "a"', '299 - "b"'],
      'content-length': 7,
    }
    for (const status of [200, 201, 404, 422]) {
      const block = encodeHeaders(status, headers).subarray(frameHead_bytes)
      assert.deepEqual(pairs(createHeaderDecoder(65_536)(block)), [
        `:status: ${status}`,
        'content-type: application/json',
        `audit-id: ${'x'.repeat(300)}`,
        'warning: 299 - "a"',
        'warning: 299 - "b"',
        'content-length: 7',
      ])
    }
  })

  it('reads every byte in Huffman code', () => {
    // From appendix B: some codes of each length.
    const codes: [symbol: number, code: string][] = [
      [0x30, '00000'],
      [0x61, '00011'],
      [0x20, '010100'],
      [0x3a, '1011100'],
      [0x26, '11111000'],
      [0x21, '1111111000'],
      [0x27, '11111111010'],
      [0x23, '111111111010'],
      [0x00, '1111111111000'],
      [0x5e, '11111111111100'],
      [0x3c, '111111111111100'],
      [0x5c, '1111111111111110000'],
      [0x80, '11111111111111100110'],
      [0x99, '111111111111111011100'],
      [0x81, '1111111111111111010010'],
      [0x01, '11111111111111111011000'],
      [0x09, '111111111111111111101010'],
      [0xc7, '1111111111111111111101100'],
      [0xc0, '11111111111111111111100000'],
      [0xcb, '111111111111111111111011110'],
      [0xf9, '1111111111111111111111111110'],
      [0x0a, '111111111111111111111111111100'],
    ]
    for (const [symbol, code] of codes) {
      const bits = code.padEnd(Math.ceil(code.length / 8) * 8, '1')
      const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
      assert.equal(decodeHuffman(bytes, 0, bytes.length), String.fromCharCode(symbol), `symbol ${symbol}`)
    }
  })
})

const integerRest = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest >>= 7) bytes.push(0x80 | (rest & 0x7f))
  return Buffer.from([...bytes, rest])
}

describe('the head of a request', () => {
  const base = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/api'],
    [':authority', 'host:1'],
  ]
  const read = (...more: string[][]) => readRequestHead([...base, ...more].map(([name = '', value = '']) => ({ name, value })))

  it('joins what stands twice', () => {
    const head = read(
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
      ['accept', 'x'],
      ['accept', 'y'],
      ['authorization', 'first'],
      ['authorization', 'second'],
    )
    assert.deepEqual({ ...head?.headers }, { cookie: 'a=1; b=2', accept: 'x, y', authorization: 'first', host: 'host:1' })
    assert.equal(read(['content-length', '12'])?.contentLength, 12)
  })

  it('is refused where it is malformed', () => {
    const malformed: string[][][] = [
      [['Accept', 'x']],
      [['connection', 'close']],
      [['transfer-encoding', 'chunked']],
      [['te', 'gzip']],
      [['a b', 'x']],
      [['', 'x']],
      [['x', 'a\r\nb']],
      [['x', 'a\0b']],
      [[':method', 'POST']],
      [[':unknown', 'x']],
      [
        ['x', 'y'],
        [':path', '/late'],
      ],
      [['content-length', 'many']],
      [['content-length', '-1']],
      [
        ['content-length', '1'],
        ['content-length', '2'],
      ],
    ]
    for (const fields of malformed) assert.equal(read(...fields), undefined, JSON.stringify(fields))
    assert.equal(readRequestHead([{ name: ':method', value: 'GET' }]), undefined)
    assert.equal(
      readRequestHead([
        { name: ':method', value: 'CONNECT' },
        { name: ':authority', value: 'x' },
      ]),
      undefined,
    )
  })
})
