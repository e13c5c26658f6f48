import {
  createWriter,
  type Writer,
  writeDouble,
  writeTag,
  writeText,
  writeVarint,
  writtenBytes,
  writtenLength,
} from '../codec/protobuf/writer.ts'
import type { Json, OpenApiDocument } from './document.ts'

/**
 * OpenAPI v2 in the protobuf of gnostic (`openapi.v2.Document`), which kubectl and client-go ask for.
 * Extensions (`x-...`), defaults and enum values travel as YAML text; JSON is YAML.
 */
export function encodeOpenApiV2Protobuf(document: OpenApiDocument): Uint8Array {
  const writer = createWriter(1 << 20)
  writeMessage(writer, documentMessage, document)
  return writtenBytes(writer)
}

/** Writes a value without header; everything is written backwards. */
type ValueWriter = (writer: Writer, value: unknown) => void

interface FieldWriter {
  readonly number: number
  /** The JSON key; absent for a field that is made from the whole object. */
  readonly key?: string
  readonly write: (writer: Writer, number: number, value: unknown) => void
}

/** Fields in descending order of their numbers. */
type Message = readonly FieldWriter[]

/** Messages refer to one another, so they are made when first used. */
type MessageReference = () => Message

const message = (...fields: readonly FieldWriter[]): Message => fields.toSorted((a, b) => b.number - a.number)

function writeMessage(writer: Writer, fields: Message, value: unknown): void {
  const object = value as Json
  for (const { number, key, write } of fields) {
    const child = key === undefined ? object : object[key]
    if (child !== undefined) write(writer, number, child)
  }
}

function writeDelimited(writer: Writer, number: number, writeValue: () => void): void {
  const before = writtenLength(writer)
  writeValue()
  writeVarint(writer, writtenLength(writer) - before)
  writeTag(writer, number, 2)
}

const text = (number: number, key: string): FieldWriter => ({ number, key, write: writeTextField })

const flag = (number: number, key: string): FieldWriter => ({
  number,
  key,
  write(writer, field, value) {
    if (value !== true) return
    writeVarint(writer, 1)
    writeTag(writer, field, 0)
  },
})

const integer = (number: number, key: string): FieldWriter => ({
  number,
  key,
  write(writer, field, value) {
    writeVarint(writer, value as number)
    writeTag(writer, field, 0)
  },
})

const double = (number: number, key: string): FieldWriter => ({
  number,
  key,
  write(writer, field, value) {
    writeDouble(writer, value as number)
    writeTag(writer, field, 1)
  },
})

const embedded = (number: number, key: string, of: MessageReference): FieldWriter => ({
  number,
  key,
  write: (writer, field, value) => writeDelimited(writer, field, () => writeMessage(writer, of(), value)),
})

const repeated = (number: number, key: string, write: FieldWriter['write']): FieldWriter => ({
  number,
  key,
  write(writer, field, value) {
    for (const item of (value as readonly unknown[]).toReversed()) write(writer, field, item)
  },
})

const texts = (number: number, key: string): FieldWriter => repeated(number, key, writeTextField)

/** A map, as a repeated message of name and value. */
const entries = (
  number: number,
  key: string | undefined,
  write: ValueWriter,
  wanted: (name: string) => boolean = () => true,
): FieldWriter => ({
  number,
  key,
  write(writer, field, value) {
    for (const [name, entry] of Object.entries(value as Json).toReversed()) {
      if (wanted(name)) writeDelimited(writer, field, () => writeNamed(writer, name, entry, write))
    }
  },
})

function writeNamed(writer: Writer, name: string, value: unknown, write: ValueWriter): void {
  writeDelimited(writer, 2, () => write(writer, value))
  writeTextField(writer, 1, name)
}

function writeTextField(writer: Writer, number: number, value: unknown): void {
  writeDelimited(writer, number, () => writeText(writer, String(value)))
}

/** `Any{yaml}` */
const writeAny: ValueWriter = (writer, value) => writeTextField(writer, 2, JSON.stringify(value))
const any = (number: number, key: string): FieldWriter => ({
  number,
  key,
  write: (writer, field, value) => writeDelimited(writer, field, () => writeAny(writer, value)),
})
const anyItem: FieldWriter['write'] = (writer, field, value) => writeDelimited(writer, field, () => writeAny(writer, value))

const extensions = (number: number): FieldWriter => entries(number, undefined, writeAny, name => name.startsWith('x-'))

const messageValue =
  (of: MessageReference): ValueWriter =>
  (writer, value) =>
    writeMessage(writer, of(), value)

/** A message with nothing but named entries, which in JSON is the map itself. */
const mapMessage = (number: number, key: string, write: ValueWriter): FieldWriter =>
  embedded(number, key, () => message(entries(1, undefined, write)))

/** In gnostic every list of items, types and the like is a message of its own. */
const listMessage = (number: number, key: string, write: FieldWriter['write']): FieldWriter => ({
  number,
  key,
  write: (writer, field, value) =>
    writeDelimited(writer, field, () => {
      for (const item of (Array.isArray(value) ? value : [value]).toReversed()) write(writer, 1, item)
    }),
})

const schemaItem: FieldWriter['write'] = (writer, field, value) =>
  writeDelimited(writer, field, () => writeMessage(writer, schemaMessage, value))

const schemaMessage: Message = message(
  text(1, '$ref'),
  text(2, 'format'),
  text(3, 'title'),
  text(4, 'description'),
  any(5, 'default'),
  double(6, 'multipleOf'),
  double(7, 'maximum'),
  flag(8, 'exclusiveMaximum'),
  double(9, 'minimum'),
  flag(10, 'exclusiveMinimum'),
  integer(11, 'maxLength'),
  integer(12, 'minLength'),
  text(13, 'pattern'),
  integer(14, 'maxItems'),
  integer(15, 'minItems'),
  flag(16, 'uniqueItems'),
  integer(17, 'maxProperties'),
  integer(18, 'minProperties'),
  texts(19, 'required'),
  repeated(20, 'enum', anyItem),
  { number: 21, key: 'additionalProperties', write: writeAdditionalProperties },
  listMessage(22, 'type', writeTextField),
  listMessage(23, 'items', schemaItem),
  repeated(24, 'allOf', schemaItem),
  mapMessage(
    25,
    'properties',
    messageValue(() => schemaMessage),
  ),
  flag(27, 'readOnly'),
  any(30, 'example'),
  extensions(31),
)

/** A schema, or a boolean. */
function writeAdditionalProperties(writer: Writer, number: number, value: unknown): void {
  writeDelimited(writer, number, () => {
    if (typeof value !== 'boolean') return schemaItem(writer, 1, value)
    writeVarint(writer, value ? 1 : 0)
    writeTag(writer, 2, 0)
  })
}

const bodyParameter: Message = message(
  text(1, 'description'),
  text(2, 'name'),
  text(3, 'in'),
  flag(4, 'required'),
  embedded(5, 'schema', () => schemaMessage),
  extensions(6),
)

const queryParameter: Message = message(
  flag(1, 'required'),
  text(2, 'in'),
  text(3, 'description'),
  text(4, 'name'),
  text(6, 'type'),
  text(7, 'format'),
  flag(20, 'uniqueItems'),
  extensions(23),
)

const pathParameter: Message = message(
  flag(1, 'required'),
  text(2, 'in'),
  text(3, 'description'),
  text(4, 'name'),
  text(5, 'type'),
  text(6, 'format'),
  flag(19, 'uniqueItems'),
  extensions(22),
)

/** `ParametersItem{parameter: Parameter{body | nonBody{query | path}}}` */
const writeParameter: FieldWriter['write'] = (writer, number, value) => {
  const { in: place } = value as { in: 'body' | 'query' | 'path' }
  writeDelimited(writer, number, () =>
    writeDelimited(writer, 1, () => {
      if (place === 'body') return writeDelimited(writer, 1, () => writeMessage(writer, bodyParameter, value))
      const [field, fields] = place === 'query' ? ([3, queryParameter] as const) : ([4, pathParameter] as const)
      writeDelimited(writer, 2, () => writeDelimited(writer, field, () => writeMessage(writer, fields, value)))
    }),
  )
}

const responseMessage: Message = message(
  text(1, 'description'),
  // SchemaItem{schema}
  { number: 2, key: 'schema', write: (writer, field, value) => writeDelimited(writer, field, () => schemaItem(writer, 1, value)) },
)

/** `ResponseValue{response}` */
const writeResponse: ValueWriter = (writer, value) => writeDelimited(writer, 1, () => writeMessage(writer, responseMessage, value))

const operationMessage: Message = message(
  texts(1, 'tags'),
  text(2, 'summary'),
  text(3, 'description'),
  text(5, 'operationId'),
  texts(6, 'produces'),
  texts(7, 'consumes'),
  repeated(8, 'parameters', writeParameter),
  mapMessage(9, 'responses', writeResponse),
  texts(10, 'schemes'),
  flag(11, 'deprecated'),
  extensions(13),
)

const operation = (number: number, key: string): FieldWriter => embedded(number, key, () => operationMessage)

const pathMessage: Message = message(
  operation(2, 'get'),
  operation(3, 'put'),
  operation(4, 'post'),
  operation(5, 'delete'),
  operation(6, 'options'),
  operation(7, 'head'),
  operation(8, 'patch'),
  repeated(9, 'parameters', writeParameter),
  extensions(10),
)

const infoMessage: Message = message(text(1, 'title'), text(2, 'version'), text(3, 'description'))

const apiKeyMessage: Message = message(text(1, 'type'), text(2, 'name'), text(3, 'in'), text(4, 'description'))

/** `SecurityDefinitionsItem{apiKeySecurity}` */
const writeSecurityDefinition: ValueWriter = (writer, value) => writeDelimited(writer, 2, () => writeMessage(writer, apiKeyMessage, value))

const documentMessage: Message = message(
  text(1, 'swagger'),
  embedded(2, 'info', () => infoMessage),
  embedded(8, 'paths', () =>
    message(
      entries(
        2,
        undefined,
        messageValue(() => pathMessage),
      ),
    ),
  ),
  mapMessage(
    9,
    'definitions',
    messageValue(() => schemaMessage),
  ),
  repeated(12, 'security', (writer, field, value) =>
    writeDelimited(writer, field, () => writeMessage(writer, message(entries(1, undefined, () => {})), value)),
  ),
  mapMessage(13, 'securityDefinitions', writeSecurityDefinition),
)
