import { type FieldError, invalidField, requiredField, tooLongField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateConfigMapKey } from '../../apimachinery/names.ts'
import { boolean, bytes, type Infer, map, optional, text } from '../../apimachinery/schema.ts'
import { frozenFields, immutable } from '../field-rules.ts'
import { maximumDataSize } from './config-map.ts'
import { withDefault, without } from './sharing.ts'
import { invalid } from './validation/rules.ts'

export const Secret = topLevel('io.k8s.api.core.v1.Secret', 'Confidential values for pods, by key; at most 1 MiB.', {
  data: optional(2, map(bytes), 'Values in base64, by key.'),
  type: optional(3, text, "What the secret is for; some types require certain keys. Opaque by default; can't be changed."),
  stringData: optional(4, map(text), 'Values as plain text, for writing only; they replace those of data and are never shown.'),
  immutable: optional(5, boolean, 'If true, data can never be changed again.'),
})
export interface Secret extends Infer<typeof Secret> {}

export const secretKind: Kind<Secret> = defineKind({
  kind: 'Secret',
  resource: 'secrets',
  group: '',
  version: 'v1',
  schema: Secret,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'What the secret is for; some types require certain keys.',
      priority: 0,
      cell: (secret: Secret) => secret.type ?? '',
    },
    {
      name: 'Data',
      type: 'string',
      description: 'Number of keys.',
      priority: 0,
      cell: (secret: Secret) => Object.keys(secret.data ?? {}).length,
    },
    ageColumn,
  ],
  selectableFields: { type: secret => secret.type ?? '' },
  strategy: {
    applyDefaults: secret => withDefault(foldStringData(secret), 'type', 'Opaque'),
    validate: validateSecret,
    validateUpdate: (secret, old) => [...immutable(secret.type, old.type, 'type'), ...frozenFields(secret, old, ['data'])],
    allowUnconditionalUpdate: true,
  },
})

/** `stringData` is for writing only: its values replace those of `data`. */
function foldStringData(secret: Secret): Secret {
  if (secret.stringData === undefined) return secret
  const encoded = Object.entries(secret.stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  const folded = without(secret, 'stringData')
  return encoded.length === 0 ? folded : { ...folded, data: { ...secret.data, ...Object.fromEntries(encoded) } }
}

function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {}
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    errors.push(...invalid(`data[${key}]`, key, validateConfigMapKey(key)))
    size += Buffer.byteLength(value, 'base64')
  }
  if (size > maximumDataSize) errors.push(tooLongField('data', maximumDataSize))
  return [...errors, ...validateType(secret, data)]
}

type SecretData = NonNullable<Secret['data']>

/** Types that Kubernetes knows must have what their readers look for; other types are free. */
function validateType(secret: Secret, data: SecretData): FieldError[] {
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return secret.metadata.annotations?.[serviceAccountName] ? [] : [requiredField(`metadata.annotations[${serviceAccountName}]`)]
    case 'kubernetes.io/dockercfg':
      return validateJsonObject(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return validateJsonObject(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      return Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password') ? [] : requireKeys(data, ['username', 'password'])
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [requiredField('data[ssh-privatekey]')]
    case 'kubernetes.io/tls':
      return requireKeys(data, ['tls.crt', 'tls.key'])
    default:
      return []
  }
}

const serviceAccountName = 'kubernetes.io/service-account.name'

const requireKeys = (data: SecretData, keys: readonly string[]): FieldError[] =>
  keys.filter(key => !Object.hasOwn(data, key)).map(key => requiredField(`data[${key}]`))

function validateJsonObject(data: SecretData, key: string): FieldError[] {
  const encoded = data[key]
  if (encoded === undefined) return [requiredField(`data[${key}]`)]
  const problem = jsonObjectProblem(Buffer.from(encoded, 'base64').toString())
  return problem === undefined ? [] : [invalidField(`data[${key}]`, '<secret contents redacted>', problem)]
}

/** Why a text is no JSON object, without showing anything of it. */
function jsonObjectProblem(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input'
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && !Array.isArray(value)) return undefined
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  } catch {
    return 'invalid JSON'
  }
}
