/**
 * Kubernetes' protobuf, driven by the numbers in the schemas: `k8s\0`, then an envelope that names the kind and holds the
 * object's message. Lists are objects like others; watch events travel without envelope, each behind its length.
 */
import type { Schema } from '../../schema.ts'
import { DecodeError } from '../decode-error.ts'
import { readObject } from './decode.ts'
import { writeMessage } from './encode.ts'
import { createReader, readBytes, readFields, readMessage, readText, skipField } from './reader.ts'
import { createWriter, rewind, type Writer, writeBytes, writeTag, writeText, writeVarint, writtenBytes, writtenLength } from './writer.ts'

const magic = Buffer.from('k8s\0')

export function encodeProtobuf(schema: Schema, object: unknown, apiVersion: string, kind: string): Uint8Array {
  const writer = createWriter()
  startEnvelope(writer)
  const end = writtenLength(writer)
  writeMessage(writer, schema, object)
  finishEnvelope(writer, writtenLength(writer) - end, apiVersion, kind)
  return writtenBytes(writer)
}

export function decodeProtobuf(schema: Schema, bytes: Uint8Array): { apiVersion: string; kind: string; object: unknown } {
  const { apiVersion, kind, raw } = decodeProtobufEnvelope(bytes)
  return { apiVersion, kind, object: decodeProtobufMessage(schema, raw) }
}

/** The object's message alone, without envelope. */
export function encodeProtobufMessage(schema: Schema, object: unknown): Uint8Array {
  const writer = createWriter()
  writeMessage(writer, schema, object)
  return writtenBytes(writer)
}

/** The same for many objects one after the other; each message is a buffer of its own. */
export function createProtobufMessageEncoder(): (schema: Schema, object: unknown) => Buffer {
  const writer = createWriter(16 * 1024)
  return (schema, object) => {
    rewind(writer)
    writeMessage(writer, schema, object)
    const bytes = Buffer.allocUnsafe(writtenLength(writer))
    writer.buffer.copy(bytes, 0, writer.position)
    return bytes
  }
}

export function decodeProtobufMessage(schema: Schema, bytes: Uint8Array): unknown {
  return readObject(createReader(bytes), schema)
}

/** Puts an encoded message into its envelope. */
export function encodeProtobufEnvelope(raw: Uint8Array, apiVersion: string, kind: string): Uint8Array {
  const writer = createWriter(raw.length + 128)
  startEnvelope(writer)
  writeBytes(writer, raw)
  finishEnvelope(writer, raw.length, apiVersion, kind)
  return writtenBytes(writer)
}

/** What stands before and behind a message of this length, for those that are sent in pieces. */
export function protobufEnvelopeAround(rawLength: number, apiVersion: string, kind: string): { before: Uint8Array; behind: Uint8Array } {
  const before = createWriter(128)
  finishEnvelope(before, rawLength, apiVersion, kind)
  const behind = createWriter(16)
  startEnvelope(behind)
  return { before: writtenBytes(before), behind: writtenBytes(behind) }
}

export interface ProtobufEnvelope {
  readonly apiVersion: string
  readonly kind: string
  /** The object's message; a view on the input. */
  readonly raw: Uint8Array
  readonly contentEncoding: string
  readonly contentType: string
}

/** Opens the envelope only: says of what kind the object is before its schema is known. */
export function decodeProtobufEnvelope(bytes: Uint8Array): ProtobufEnvelope {
  if (bytes.length < 4 || !magic.equals(bytes.subarray(0, 4))) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  const reader = createReader(bytes.subarray(4))
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array() as Uint8Array, contentEncoding: '', contentType: '' }
  readFields(reader, (field, wireType) => {
    if (field === 1) {
      readMessage(reader, (number, type) => {
        if (number === 1) envelope.apiVersion = readText(reader)
        else if (number === 2) envelope.kind = readText(reader)
        else skipField(reader, type)
      })
    } else if (field === 2) envelope.raw = readBytes(reader)
    else if (field === 3) envelope.contentEncoding = readText(reader)
    else if (field === 4) envelope.contentType = readText(reader)
    else skipField(reader, wireType)
  })
  if (envelope.contentEncoding !== '')
    throw new DecodeError(`protobuf content encoding ${JSON.stringify(envelope.contentEncoding)} is not supported`)
  return envelope
}

/** A watch event in a stream: four bytes of length, most significant first, then `WatchEvent{type, object{raw}}`. */
export function encodeProtobufWatchFrame(type: string, envelope: Uint8Array): Uint8Array {
  const writer = createWriter(envelope.length + 64)
  writeBytes(writer, envelope)
  writeVarint(writer, envelope.length)
  writeTag(writer, 1, 2)
  writeVarint(writer, writtenLength(writer))
  writeTag(writer, 2, 2)
  writeTextField(writer, 1, type)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(writtenLength(writer))
  writeBytes(writer, length)
  return writtenBytes(writer)
}

// Upstream writes encoding and type of the content even though they are empty.
function startEnvelope(writer: Writer): void {
  writeTextField(writer, 4, '')
  writeTextField(writer, 3, '')
}

function finishEnvelope(writer: Writer, rawLength: number, apiVersion: string, kind: string): void {
  writeVarint(writer, rawLength)
  writeTag(writer, 2, 2)
  const end = writtenLength(writer)
  writeTextField(writer, 2, kind)
  writeTextField(writer, 1, apiVersion)
  writeVarint(writer, writtenLength(writer) - end)
  writeTag(writer, 1, 2)
  writeBytes(writer, magic)
}

function writeTextField(writer: Writer, field: number, text: string): void {
  const end = writtenLength(writer)
  writeText(writer, text)
  writeVarint(writer, writtenLength(writer) - end)
  writeTag(writer, field, 2)
}
