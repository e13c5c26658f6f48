import { type FieldError, invalidField, tooLongField } from '../../apimachinery/field-error.ts'
import { byteLength, each } from '../core/validation/rules.ts'
import type { Device, DeviceAttribute } from './resource-slice.ts'
import { validateAttributeName } from './rules.ts'

const mostNames = 32
const mostValues = 48
const longestValue = 64

/** Properties of a device; there is room for so many names, with capacities, and so many values. */
export function validateAttributes({ attributes = {}, capacity = {} }: Device, path: string): FieldError[] {
  const names = Object.keys(attributes).length + Object.keys(capacity).length
  const values = Object.values(attributes).reduce((sum, one) => sum + (listsOf(one).flat().length || 1), 0)
  return [
    ...(names > mostNames ? [invalidField(path, names, `the total number of attributes and capacities must not exceed ${mostNames}`)] : []),
    ...(values > mostValues ? [invalidField(path, values, `the total number of attribute values must not exceed ${mostValues}`)] : []),
    ...Object.entries(attributes).flatMap(([name, attribute]) => [
      ...validateAttributeName(name, `${path}.attributes`),
      ...validateAttribute(attribute, `${path}.attributes[${name}]`),
    ]),
  ]
}

const listNames = ['bools', 'ints', 'strings', 'versions'] as const
const listsOf = (attribute: DeviceAttribute): readonly (readonly unknown[])[] =>
  listNames.flatMap(name => (attribute[name] === undefined ? [] : [attribute[name]]))

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const given = Object.values(attribute).filter(value => value !== undefined)
  const { string, version, strings, versions } = attribute
  return [
    ...(string === undefined ? [] : validateText(string, `${path}.string`)),
    ...(version === undefined ? [] : validateVersion(version, `${path}.version`)),
    ...each(strings, `${path}.strings`, validateText),
    ...each(versions, `${path}.versions`, validateVersion),
    ...(given.length === 1 ? [] : [invalidField(path, given.length === 0 ? '' : attribute, 'exactly one value must be specified')]),
  ]
}

const validateText = (text: string, path: string): FieldError[] =>
  byteLength(text) > longestValue ? [tooLongField(path, longestValue)] : []

const number = '(0|[1-9]\\d*)'
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const build = '[0-9a-zA-Z-]+'
const semanticVersion = new RegExp(`^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+${build}(\\.${build})*)?$`)

const validateVersion = (version: string, path: string): FieldError[] => [
  ...(semanticVersion.test(version) ? [] : [invalidField(path, version, 'must be a string compatible with semver.org spec 2.0.0')]),
  ...validateText(version, path),
]
