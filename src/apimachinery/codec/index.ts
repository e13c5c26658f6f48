/**
 * Reading and writing objects, derived from their schemas: JSON and YAML text to values, values to typed objects
 * (`decode`), the schema's own defaults, and Kubernetes' protobuf. Everything here is pure; what a client sent wrong
 * comes out as a DecodeError in upstream's words. It knows no kinds, fills in no defaults of code and validates nothing.
 */
export { decode } from './decode.ts'
export { DecodeError, formatPath } from './decode-error.ts'
export { applySchemaDefaults } from './defaults.ts'
export { type ParseJsonOptions, parseJson } from './json.ts'
export {
  createProtobufMessageEncoder,
  decodeProtobuf,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  encodeProtobuf,
  encodeProtobufEnvelope,
  encodeProtobufMessage,
  encodeProtobufWatchFrame,
  type ProtobufEnvelope,
  protobufEnvelopeAround,
} from './protobuf/index.ts'
export { type ParseYamlOptions, parseYaml, parseYamlDocuments } from './yaml.ts'
