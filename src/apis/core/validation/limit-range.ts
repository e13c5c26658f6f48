import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import { compareQuantities, parseQuantity } from '../../../apimachinery/quantity.ts'
import type { LimitRangeItem } from '../limit-range.ts'
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from './resources.ts'
import { each, invalid } from './rules.ts'

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange(limits: readonly LimitRangeItem[] | undefined): FieldError[] {
  const seen = new Set<string>()
  return each(limits, 'spec.limits', (item, path) => {
    const errors = validateType(item.type, `${path}.type`)
    if (seen.has(item.type)) errors.push(duplicateField(`${path}.type`, item.type))
    seen.add(item.type)
    return [...errors, ...validateNames(item, path), ...validateStorage(item, path), ...validateAmounts(item, path)]
  })
}

function validateType(type: string, path: string): FieldError[] {
  const errors = invalid(path, type, validateQualifiedName(type))
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors
  return [invalidField(path, type, 'must be a standard limit type or fully qualified')]
}

function validateNames(item: LimitRangeItem, path: string): FieldError[] {
  const validateName = item.type === 'Pod' || item.type === 'Container' ? validateContainerResourceName : validateResourceName
  const validate = (field: keyof LimitRangeItem) =>
    Object.keys(item[field] ?? {}).flatMap(name => validateName(name, `${path}.${field}[${name}]`))
  const forbid = (field: 'default' | 'defaultRequest') =>
    Object.keys(item[field] ?? {}).length > 0 ? [forbiddenField(`${path}.${field}`, "may not be specified when `type` is 'Pod'")] : []
  const defaults = item.type === 'Pod' ? forbid : validate
  return [
    ...validate('max'),
    ...validate('min'),
    ...defaults('default'),
    ...defaults('defaultRequest'),
    ...validate('maxLimitRequestRatio'),
  ]
}

function validateStorage({ type, min, max }: LimitRangeItem, path: string): FieldError[] {
  if (type !== 'PersistentVolumeClaim' || min?.storage !== undefined || max?.storage !== undefined) return []
  return [requiredField(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided')]
}

function validateAmounts(item: LimitRangeItem, path: string): FieldError[] {
  const { min = {}, max = {}, default: limits = {}, defaultRequest = {}, maxLimitRequestRatio = {} } = item
  const names = new Set([min, max, limits, defaultRequest, maxLimitRequestRatio].flatMap(Object.keys))
  return [...names].sort().flatMap(name =>
    compareAmounts(
      name,
      {
        min: min[name],
        max: max[name],
        limit: limits[name],
        request: defaultRequest[name],
        ratio: maxLimitRequestRatio[name],
      },
      path,
    ),
  )
}

interface Amounts {
  readonly min: string | undefined
  readonly max: string | undefined
  readonly limit: string | undefined
  readonly request: string | undefined
  readonly ratio: string | undefined
}

function compareAmounts(name: string, { min, max, limit, request, ratio }: Amounts, path: string): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (field: string, value: string, detail: string) =>
    void errors.push(invalidField(`${path}.${field}[${name}]`, value, detail))
  if (isGreater(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`)
  if (isGreater(min, request))
    refuse('defaultRequest', request as string, `min value ${min} is greater than default request value ${request}`)
  if (isGreater(request, max)) refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`)
  if (isGreater(request, limit))
    refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`)
  if (isGreater(min, limit)) refuse('default', min, `min value ${min} is greater than default value ${limit}`)
  if (isGreater(limit, max)) refuse('default', max as string, `default value ${limit} is greater than max value ${max}`)
  if (isGreater('1', ratio)) refuse('maxLimitRequestRatio', ratio as string, `ratio ${ratio} is less than 1`)
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const most = amount(max) / amount(min)
    if (amount(ratio) > most) refuse('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)
  }
  // Resources that can't be overcommitted are asked for exactly as they are limited.
  if (!isOvercommitAllowed(name) && limit !== undefined && request !== undefined && compareQuantities(limit, request) !== 0)
    refuse('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`)
  return errors
}

const isGreater = (left: string | undefined, right: string | undefined): left is string =>
  left !== undefined && right !== undefined && compareQuantities(left, right) > 0

const amount = (quantity: string): number => Number(parseQuantity(quantity).nanos) / 1e9
