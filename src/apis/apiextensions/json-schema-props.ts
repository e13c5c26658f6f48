import type { JsonSchema } from '../../apimachinery/json-schema/index.ts'
import {
  atomicList,
  boolean,
  double,
  type Infer,
  int64,
  json,
  keyedList,
  lazy,
  map,
  object,
  optional,
  required,
  type Schema,
  text,
  union,
} from '../../apimachinery/schema.ts'

const named = (name: string): string => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${name}`

export const ExternalDocumentation = object(named('ExternalDocumentation'), 'Where more is written about something.', {
  description: optional(1, text, 'What is written there.'),
  url: optional(2, text, 'Where it is.'),
})

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

export const ValidationRule = object(named('ValidationRule'), 'A rule in CEL that a value must keep to.', {
  rule: required(1, text, 'Expression that is true for valid values; `self` is the value and `oldSelf` what it was before an update.'),
  message: optional(2, text, 'What to tell when the rule is broken.'),
  messageExpression: optional(3, text, 'Expression for what to tell when the rule is broken; goes before message.'),
  reason: optional(4, text, 'Machine-readable reason of the error; FieldValueInvalid by default.', { enum: reasons }),
  fieldPath: optional(5, text, 'Path of the field below the value that the error is about.'),
  optionalOldSelf: optional(6, boolean, 'Whether `oldSelf` is an optional value, so that the rule also holds for values that are new.'),
})
export interface ValidationRule extends Infer<typeof ValidationRule> {}

const self = lazy<JsonSchema>(() => JSONSchemaProps)
const schemas = atomicList(self)
const schemasByName = map(self)

const SchemaOrArray = union(named('JSONSchemaPropsOrArray'), self, schemas, { object: 1, other: 2 })
const SchemaOrBool = union(named('JSONSchemaPropsOrBool'), self, boolean, { object: 2, other: 1 })
const SchemaOrStringArray = union(named('JSONSchemaPropsOrStringArray'), self, atomicList(text), { object: 1, other: 2 })

/** The schema of schemas. */
export const JSONSchemaProps: Schema<JsonSchema> = object(named('JSONSchemaProps'), 'What a value of a custom resource may be.', {
  id: optional(1, text, 'Not used.'),
  $schema: optional(2, text, 'Version of JSON schema that this follows.'),
  $ref: optional(3, text, 'Reference to a schema elsewhere; not allowed.'),
  description: optional(4, text, 'What the value means, for people.'),
  type: optional(5, text, 'Type of the value: object, array, string, integer, number or boolean.'),
  format: optional(6, text, 'Form that the value is in, such as date-time or int32; unknown ones are ignored.'),
  title: optional(7, text, 'Title of the value, for people.'),
  default: optional(8, json, 'Value that takes the place of one that is left out.'),
  maximum: optional(9, double, 'Greatest number allowed.'),
  exclusiveMaximum: optional(10, boolean, 'Whether the number must be less than maximum.'),
  minimum: optional(11, double, 'Least number allowed.'),
  exclusiveMinimum: optional(12, boolean, 'Whether the number must be greater than minimum.'),
  maxLength: optional(13, int64, 'Greatest number of characters.'),
  minLength: optional(14, int64, 'Least number of characters.'),
  pattern: optional(15, text, 'Regular expression that must be found in the text.'),
  maxItems: optional(16, int64, 'Greatest number of items.'),
  minItems: optional(17, int64, 'Least number of items.'),
  uniqueItems: optional(18, boolean, 'Whether no item may be there twice; not allowed, list type set says it.'),
  multipleOf: optional(19, double, 'What the number must be a multiple of.'),
  enum: optional(20, atomicList(json), 'All values that are allowed.'),
  maxProperties: optional(21, int64, 'Greatest number of members.'),
  minProperties: optional(22, int64, 'Least number of members.'),
  required: optional(23, atomicList(text), 'Members that must be there.'),
  items: optional(24, SchemaOrArray, 'What items of the list may be.'),
  allOf: optional(25, schemas, 'Schemas that must all hold.'),
  oneOf: optional(26, schemas, 'Schemas of which exactly one must hold.'),
  anyOf: optional(27, schemas, 'Schemas of which at least one must hold.'),
  not: optional(28, self, 'Schema that must not hold.'),
  properties: optional(29, schemasByName, 'What members of the object may be, by name.'),
  additionalProperties: optional(30, SchemaOrBool, 'What members that properties does not name may be.'),
  patternProperties: optional(31, schemasByName, 'What members may be, by patterns of their names; not allowed.'),
  dependencies: optional(32, map(SchemaOrStringArray), 'What must hold where a member is there; not allowed.'),
  additionalItems: optional(33, SchemaOrBool, 'What further items may be; not allowed.'),
  definitions: optional(34, schemasByName, 'Schemas to refer to; not allowed.'),
  externalDocs: optional(35, ExternalDocumentation, 'Where more is written about the value.'),
  example: optional(36, json, 'An example of the value.'),
  nullable: optional(37, boolean, 'Whether null is a value, too.'),
  'x-kubernetes-preserve-unknown-fields': optional(38, boolean, 'Keeps members that the schema does not know.'),
  'x-kubernetes-embedded-resource': optional(39, boolean, 'Whether the value is a whole object with kind, apiVersion and metadata.'),
  'x-kubernetes-int-or-string': optional(40, boolean, 'Whether the value is an integer or a string.'),
  'x-kubernetes-list-map-keys': optional(41, atomicList(text), 'Members by which items of a list of type map are told apart.'),
  'x-kubernetes-list-type': optional(42, text, 'How the list is merged: atomic, set or map.'),
  'x-kubernetes-map-type': optional(43, text, 'How the object is merged: granular or atomic.'),
  'x-kubernetes-validations': optional(44, keyedList(ValidationRule, 'rule'), 'Rules in CEL.', {
    patchStrategy: 'merge',
    patchMergeKey: 'rule',
  }),
}) as unknown as Schema<JsonSchema>
