import { duplicateField, type FieldError, invalidField, requiredField, tooLongField, tooManyField } from '../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../apimachinery/names.ts'
import { byteLength, each, invalid } from '../core/validation/rules.ts'
import { validateDriverName } from '../core/validation/volume-sources.ts'

/** Rules that the kinds of resource.k8s.io share. */

type ItemRule<T> = (item: T, path: string, index: number) => readonly FieldError[]

/** A list of limited length; one that is too long is not looked at any further. */
export function limitedList<T>(items: readonly T[] | undefined, path: string, most: number, rule: ItemRule<T>): FieldError[] {
  if (items !== undefined && items.length > most) return [tooManyField(path, items.length, most)]
  return each(items, path, rule)
}

/** The same, in which no key comes twice. */
export function limitedSet<T>(
  items: readonly T[] | undefined,
  path: string,
  most: number,
  keyOf: (item: T) => string,
  rule: ItemRule<T>,
): FieldError[] {
  if (items !== undefined && items.length > most) return [tooManyField(path, items.length, most)]
  const seen = new Set<string>()
  const repeated = each(items, path, (item, at) => {
    const key = keyOf(item)
    if (seen.has(key)) return [duplicateField(at, key)]
    seen.add(key)
    return []
  })
  return [...each(items, path, rule), ...repeated]
}

export const label = (value: string | undefined, path: string): FieldError[] => invalid(path, value ?? '', validateDnsLabel(value ?? ''))

export function validatePoolName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [requiredField(path)]
  const errors = name.length > 253 ? [tooLongField(path, 253)] : []
  return [...errors, ...name.split('/').flatMap(part => invalid(path, part, validateDnsSubdomain(part)))]
}

const longestIdentifier = 32
const identifierText =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"

const validateIdentifier = (id: string, path: string): FieldError[] => [
  ...(id.length > longestIdentifier ? [tooLongField(path, longestIdentifier)] : []),
  ...(/^[A-Za-z_][A-Za-z0-9_]*$/.test(id) ? [] : [invalidField(path, id, identifierText)]),
]

/** Names of attributes and capacities: `model`, or `example.com/model`. */
export function validateAttributeName(name: string, path: string): FieldError[] {
  const [first = '', second, ...more] = name.split('/')
  if (second === undefined) return validateIdentifier(first, path)
  if (more.length > 0) return [invalidField(path, name, 'must not contain more than one slash')]
  return [
    ...(first === '' ? [invalidField(path, '', 'the domain must not be empty')] : validateDriverName(first, path)),
    ...(second === '' ? [invalidField(path, '', 'the name must not be empty')] : validateIdentifier(second, path)),
  ]
}

export function validateFullAttributeName(name: string, path: string): FieldError[] {
  const errors = validateAttributeName(name, path)
  if (name.includes('/')) return errors
  return [...errors, invalidField(path, name, 'a fully qualified name must be a domain and a name separated by a slash')]
}

export function validateUid(uid: string, path: string): FieldError[] {
  const normal = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
  if (normal.test(uid)) return []
  if (normal.test(uid.toLowerCase())) {
    const why = 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
    return [invalidField(path, uid, why)]
  }
  const problem = uid.length === 36 ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`
  return [invalidField(path, uid, `error validating uid: ${problem}`)]
}

const largestData = 10 * 1024

/** A JSON object of the driver's own. */
export function validateData(value: unknown, path: string): FieldError[] {
  if (value === undefined || value === null) return [requiredField(path)]
  if (byteLength(JSON.stringify(value)) > largestData) return [tooLongField(path, largestData)]
  const isObject = typeof value === 'object' && !Array.isArray(value)
  return isObject ? [] : [invalidField(path, '<value omitted>', 'must be a valid JSON object')]
}

interface Configuration {
  readonly opaque?: { readonly driver: string; readonly parameters: unknown }
}

export const validateConfiguration = ({ opaque }: Configuration, path: string): FieldError[] =>
  opaque
    ? [...validateDriverName(opaque.driver ?? '', `${path}.opaque.driver`), ...validateData(opaque.parameters, `${path}.opaque.parameters`)]
    : [requiredField(`${path}.opaque`)]
