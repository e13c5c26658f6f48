import { createCases, defaultCases, statusCases, updateCases } from '../testing/cases.ts'
import { customResourceDefinitionKind } from './custom-resource-definition.ts'

const schema = (properties: object, rest: object = {}) => ({ openAPIV3Schema: { type: 'object', properties, ...rest } })
const version = (name: string, more: object = {}) => ({ name, served: true, storage: true, schema: schema({}), ...more })
const valid = {
  metadata: { name: 'ships.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'ships', kind: 'Ship' }, versions: [version('v1')] },
}
const cases = { kind: customResourceDefinitionKind, valid }
/** A definition whose only property has this schema. */
const property = (one: object) => ({ spec: { versions: [version('v1', { schema: schema({ spec: one }) })] } })
const root = 'spec.versions[0].schema.openAPIV3Schema'
const spec = `${root}.properties[spec]`
const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

defaultCases(cases, [
  [{}, 'spec.names.singular', 'ship'],
  [{}, 'spec.names.listKind', 'ShipList'],
  [{}, 'spec.conversion.strategy', 'None'],
  [
    { spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { service: { name: 'a', namespace: 'b' } } } } } },
    'spec.conversion.webhook.clientConfig.service.port',
    443,
  ],
])

createCases(cases, [
  [
    'name',
    { metadata: { name: 'boats.example.com' } },
    'metadata.name: Invalid value: "boats.example.com": must be spec.names.plural+"."+spec.group',
  ],
  [
    'group without a dot',
    { metadata: { name: 'ships.example' }, spec: { group: 'example' } },
    'spec.group: Invalid value: "example": should be a domain with at least one dot',
  ],
  [
    "Kubernetes' own group",
    { metadata: { name: 'ships.sail.k8s.io' }, spec: { group: 'sail.k8s.io' } },
    'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  ],
  [
    "Kubernetes' own group, approved",
    {
      metadata: { name: 'ships.sail.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved' } },
      spec: { group: 'sail.k8s.io' },
    },
  ],
  [
    "Kubernetes' own group, approved nowhere",
    { metadata: { name: 'ships.sail.k8s.io', annotations: { 'api-approved.kubernetes.io': 'yes' } }, spec: { group: 'sail.k8s.io' } },
    'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
  ],
  ['scope', { spec: { scope: 'World' } }, 'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
  [
    'plural',
    { metadata: { name: 'Ships.example.com' }, spec: { names: { plural: 'Ships' } } },
    `spec.names.plural: Invalid value: "Ships": ${label}`,
  ],
  ['short name', { spec: { names: { shortNames: ['sh', ''] } } }, `spec.names.shortNames[1]: Invalid value: "": ${label}`],
  [
    'list kind',
    { spec: { names: { listKind: 'Ship' } } },
    'spec.names.listKind: Invalid value: "Ship": kind and listKind may not be the same',
  ],
  [
    'no storage version',
    { spec: { versions: [{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } }] } },
    'spec.versions: Invalid value: [{"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]: must have exactly one version marked as storage version',
  ],
  ['no schema', { spec: { versions: [{ name: 'v1', served: true, storage: true }] } }, `${root}: Required value: schemas are required`],
  [
    'preserveUnknownFields',
    { spec: { preserveUnknownFields: true } },
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ],
  [
    'conversion strategy',
    { spec: { conversion: { strategy: 'Magic' } } },
    'spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"',
  ],
  [
    'webhook without a place',
    { spec: { conversion: { strategy: 'Webhook' } } },
    'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    'spec.conversion.conversionReviewVersions: Required value',
  ],
  [
    'webhook with a bad URL',
    { spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'http://x' }, conversionReviewVersions: ['v9'] } } } },
    `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
  ],
  [
    'type',
    property({ type: 'text' }),
    `${spec}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
  ],
  ['null type', property({ type: 'null' }), `${spec}.type: Forbidden: type cannot be set to null, use nullable as an alternative`],
  ['no type', property({}), `${spec}.type: Required value: must not be empty for specified object fields`],
  ['no items', property({ type: 'array' }), `${spec}.items: Required value: must be specified`],
  [
    'items without a type',
    property({ type: 'array', items: {} }),
    `${spec}.items.type: Required value: must not be empty for specified array items`,
  ],
  ['references', property({ type: 'object', $ref: '#/definitions/x' }), `${spec}.$ref: Forbidden: $ref is not supported`],
  [
    'unique items',
    property({ type: 'array', uniqueItems: true, items: { type: 'string' } }),
    `${spec}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
  ],
  [
    'properties with additional ones',
    property({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }),
    `${spec}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
  ],
  [
    'no additional properties',
    property({ type: 'object', additionalProperties: false }),
    `${spec}.additionalProperties: Forbidden: additionalProperties cannot be set to false`,
  ],
  [
    'pattern',
    property({ type: 'string', pattern: '(' }),
    `${spec}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
  ],
  [
    'types below anyOf',
    property({
      type: 'object',
      properties: { a: { type: 'string' } },
      anyOf: [{ type: 'object', properties: { a: { description: 'x' }, b: { minLength: 1 } } }],
    }),
    `${spec}.anyOf[0].properties[a].description: Forbidden: must be empty to be structural`,
    `${spec}.anyOf[0].type: Forbidden: must be empty to be structural`,
    `${spec}.properties[b]: Required value: because it is defined in ${spec}.anyOf[0].properties[b]`,
  ],
  ['an integer or a string', property({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] })],
  [
    'the same in allOf',
    property({
      'x-kubernetes-int-or-string': true,
      allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: '^[0-9]+$' }],
    }),
  ],
  [
    'list keys',
    property({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'id'],
      items: { type: 'object', properties: { name: { type: 'string' } } },
    }),
    `${spec}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    `${spec}.x-kubernetes-list-map-keys: Invalid value: "id": entries must all be names of item properties`,
  ],
  [
    'metadata',
    {
      spec: { versions: [version('v1', { schema: schema({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }) })] },
    },
    `${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
  ],
  [
    'default of another type',
    property({ type: 'integer', default: 'x' }),
    `${spec}.default: Invalid value: "string": in body must be of type integer: "string"`,
  ],
  [
    'default with an unknown member',
    property({ type: 'object', default: { b: 1 }, properties: { a: { type: 'string' } } }),
    `${spec}.default: Invalid value: {"b":1}: must not have unknown fields`,
  ],
  [
    'default below a default',
    property({ type: 'object', default: {}, required: ['a'], properties: { a: { type: 'string', default: 'x' } } }),
  ],
  [
    'rules at the root beside a status',
    { spec: { versions: [version('v1', { subresources: { status: {} }, schema: schema({}, { maxProperties: 3 }) })] } },
    `${root}: Invalid value: {"type":"object","maxProperties":3}: only [description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems multipleOf required items properties externalDocs example x-kubernetes-preserve-unknown-fields x-kubernetes-validations] fields are allowed at the root of the schema if the status subresource is enabled`,
  ],
  [
    'columns',
    {
      spec: {
        versions: [
          version('v1', {
            additionalPrinterColumns: [
              { name: 'A', type: 'text', jsonPath: 'spec.a' },
              { name: 'B', type: 'string', jsonPath: '.x[?(@.a=="b")].c' },
            ],
          }),
        ],
      },
    },
    'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.versions[0].additionalPrinterColumns[0].jsonPath: Invalid value: "spec.a": must be a simple json path starting with .',
  ],
  [
    'scale',
    {
      spec: {
        versions: [
          version('v1', {
            subresources: { scale: { specReplicasPath: '.status.replicas', statusReplicasPath: '.status.a[0]', labelSelectorPath: '.x' } },
          }),
        ],
      },
    },
    'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
    'spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: ".status.a[0]": must be a simple json path',
    'spec.versions[0].subresources.scale.labelSelectorPath: Invalid value: ".x": should be a json path under either .spec or .status',
  ],
  [
    'selectable fields',
    {
      spec: {
        versions: [
          version('v1', {
            schema: schema({
              spec: { type: 'object', properties: { color: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } } },
            }),
            selectableFields: [
              { jsonPath: '.spec.color' },
              { jsonPath: '.spec.color' },
              { jsonPath: '.spec.tags' },
              { jsonPath: '.metadata.name' },
            ],
          }),
        ],
      },
    },
    'spec.versions[0].selectableFields[1].jsonPath: Duplicate value: ".spec.color"',
    'spec.versions[0].selectableFields[2].jsonPath: Invalid value: ".spec.tags": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    'spec.versions[0].selectableFields[3].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
  ],
  [
    'a rule that is none',
    property({
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a > 1' }, { rule: 'self.a' }, { rule: '' }],
    }),
    `${spec}.x-kubernetes-validations[0].rule: Invalid value: "self.a > 1": compilation failed: ERROR: <input>:1:8: found no matching overload for '_>_' applied to '(string, int)'\n | self.a > 1\n | .......^`,
    `${spec}.x-kubernetes-validations[1].rule: Invalid value: "self.a": cel expression must evaluate to a bool`,
    `${spec}.x-kubernetes-validations[2].rule: Required value: rule is not specified`,
  ],
  [
    'what goes with a rule',
    property({
      type: 'integer',
      'x-kubernetes-validations': [
        { rule: 'self > 1', message: 'a\nb', reason: 'Bad', fieldPath: '.x', optionalOldSelf: true, messageExpression: '1' },
      ],
    }),
    `${spec}.x-kubernetes-validations[0].message: Invalid value: "a\\nb": message must not contain line breaks`,
    `${spec}.x-kubernetes-validations[0].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    `${spec}.x-kubernetes-validations[0].fieldPath: Invalid value: ".x": fieldPath must be a valid path`,
    `${spec}.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
    `${spec}.x-kubernetes-validations[0].messageExpression: Invalid value: "1": messageExpression must evaluate to a string`,
  ],
  [
    'old values of items that have none',
    property({
      type: 'array',
      maxItems: 3,
      items: { type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
    }),
    `${spec}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${spec}`,
  ],
  [
    'a rule that may cost too much',
    property({
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x.contains(y)))' }],
    }),
    `${spec}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
    `${spec}.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${root}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
  ],
  [
    'the same with limits',
    property({
      type: 'array',
      maxItems: 10,
      items: { type: 'string', maxLength: 20 },
      'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x.contains(y)))' }],
    }),
  ],
  [
    'a warning of a version that is not deprecated',
    { spec: { versions: [version('v1', { deprecationWarning: 'do not' })] } },
    'spec.versions[0].deprecationWarning: Invalid value: "do not": can only be set for deprecated versions',
  ],
])

updateCases(cases, [
  ['of the schema', property({ type: 'object' })],
  [
    'of the group',
    { spec: { group: 'example.org' } },
    'metadata.name: Invalid value: "ships.example.com": must be spec.names.plural+"."+spec.group',
    'spec.group: Invalid value: "example.org": field is immutable',
  ],
  ['of the kind before it is established', { spec: { names: { kind: 'Boat', listKind: 'BoatList' } } }],
  [
    'that takes the stored version away',
    { spec: { versions: [version('v2')] } },
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ],
  ['to another storage version', { spec: { versions: [version('v1', { storage: false }), version('v2')] } }],
])

statusCases(cases, [
  ['conditions', { status: { conditions: [{ type: 'Mine', status: 'True' }] } }],
  [
    'stored versions',
    { status: { storedVersions: [] } },
    'status.storedVersions: Invalid value: []: must have at least one stored version',
  ],
  [
    'accepted names',
    { status: { acceptedNames: { plural: 'A', kind: 'a' } } },
    `status.acceptedNames.plural: Invalid value: "A": ${label}`,
  ],
])
