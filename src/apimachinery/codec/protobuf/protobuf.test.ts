import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DeleteOptions } from '../../meta.ts'
import {
  createProtobufMessageEncoder,
  DecodeError,
  decode,
  decodeProtobuf,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  encodeProtobuf,
  encodeProtobufEnvelope,
  encodeProtobufMessage,
  encodeProtobufWatchFrame,
} from '../index.ts'
import { Sample, samples } from '../testing/sample-schema.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('JSON, object, protobuf and back', () => {
  fc.assert(
    fc.property(samples, sample => {
      const object = decode(Sample, JSON.parse(JSON.stringify(sample)))
      const bytes = encodeProtobuf(Sample, object, 'sample/v1', 'Sample')
      assert.deepEqual(decodeProtobuf(Sample, bytes), { apiVersion: 'sample/v1', kind: 'Sample', object })
    }),
    { numRuns: 300 },
  )
})

test('the order of the members of an object makes no difference, nor what was encoded before', () => {
  const encode = createProtobufMessageEncoder()
  const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse())
  fc.assert(
    fc.property(samples, samples, (one, other) => {
      const [object, next] = [one, other].map(sample => decode(Sample, JSON.parse(JSON.stringify(sample))))
      const bytes = encode(Sample, object)
      assert.equal(hex(encode(Sample, reversed(next as object))), hex(encodeProtobufMessage(Sample, next)))
      assert.equal(hex(bytes), hex(encodeProtobufMessage(Sample, object)))
    }),
  )
})

test('the envelope', () => {
  const bytes = encodeProtobuf(Sample, { text: 'a' }, 'v1', 'K')
  assert.equal(hex(bytes), `${hex(Buffer.from('k8s\0'))}0a070a0276311201${hex(Buffer.from('K'))}12030a01611a002200`)
  assert.equal(hex(encodeProtobufEnvelope(encodeProtobufMessage(Sample, { text: 'a' }), 'v1', 'K')), hex(bytes))
  assert.equal(decodeProtobufEnvelope(bytes).kind, 'K')
  assert.throws(
    () => decodeProtobufEnvelope(Buffer.from('{}')),
    /does not appear to be a protobuf message, expected prefix \[107 56 115 0\]/,
  )
})

test('a watch frame is the length and then the event', () => {
  assert.equal(hex(encodeProtobufWatchFrame('ADDED', Buffer.from('xy'))), '0000000d0a05414444454412040a027879')
})

test('numbers as protobuf has them', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ small: 0 }, '1800'],
    [{ small: 300 }, '18ac02'],
    [{ small: -1 }, '18ffffffffffffffffff01'],
    [{ large: 2 ** 40 }, '20808080808020'],
    [{ either: 5 }, '5a06080010051a00'],
    [{ either: '5%' }, '5a08080110001a023525'],
    [{ at: '1970-01-01T00:00:01Z' }, '3a0408011000'],
    [{ named: { b: { text: '' }, a: { text: '' } } }, 'c20c070a016112020a00c20c070a016212020a00'],
  ]
  for (const [object, expected] of cases) {
    assert.equal(hex(encodeProtobufMessage(Sample, object)), expected)
    assert.deepEqual(decodeProtobufMessage(Sample, Buffer.from(expected, 'hex')), object)
  }
})

test("what Go's clients write for absent fields is absence", () => {
  // An empty optional string (13 inlined, 2) and a zero time (7).
  assert.deepEqual(decodeProtobufMessage(Sample, Buffer.from('0a003a006a021200', 'hex')), { text: '' })
  // DeleteOptions of client-go: dry run, no type meta inside.
  assert.deepEqual(decodeProtobufMessage(DeleteOptions, encodeProtobufMessage(DeleteOptions, { gracePeriodSeconds: 0, dryRun: ['All'] })), {
    gracePeriodSeconds: 0,
    dryRun: ['All'],
  })
})

test('unknown fields are skipped and packed numbers are read', () => {
  assert.deepEqual(decodeProtobufMessage(Sample, Buffer.from('0a0161f80705fa07027879', 'hex')), { text: 'a' })
  assert.deepEqual(decodeProtobufMessage(Sample, Buffer.from('6a040a020102', 'hex')), { inlinedList: [1, 2] })
})

test('whatever bytes come, reading ends with a value or a DecodeError', () => {
  const attempt = (bytes: Uint8Array): void => {
    try {
      decodeProtobufMessage(Sample, bytes)
      decodeProtobufEnvelope(bytes)
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error))
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), attempt))
  const damaged = fc.tuple(samples, fc.nat(), fc.nat({ max: 255 })).map(([sample, at, value]) => {
    const bytes = Buffer.from(encodeProtobuf(Sample, sample, 'v1', 'S'))
    bytes[at % bytes.length] = value
    return bytes
  })
  fc.assert(
    fc.property(damaged, bytes => {
      attempt(bytes)
      attempt(bytes.subarray(4))
    }),
  )
})
