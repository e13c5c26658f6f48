import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { validateDns1035Label } from '../../apimachinery/names.ts'
import { each } from '../core/validation/rules.ts'
import type { CustomResourceDefinitionNames } from './custom-resource-definition-types.ts'

export function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const { plural, singular, kind, listKind, shortNames, categories } = names
  return [
    ...label(plural, `${path}.plural`),
    ...label(singular, `${path}.singular`),
    ...kindName(kind, `${path}.kind`),
    ...kindName(listKind, `${path}.listKind`),
    ...each(shortNames, `${path}.shortNames`, (name, namePath) => label(name, namePath, true)),
    ...(kind && kind === listKind ? [invalidField(`${path}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...each(categories, `${path}.categories`, (category, categoryPath) => label(category, categoryPath, true)),
  ]
}

export function label(value = '', path: string, required = false): FieldError[] {
  const problems = value || required ? validateDns1035Label(value) : []
  return problems.length > 0 ? [invalidField(path, value, problems.join(','))] : []
}

function kindName(value = '', path: string): FieldError[] {
  const problems = value ? validateDns1035Label(value.toLowerCase()) : []
  return problems.length > 0 ? [invalidField(path, value, `may have mixed case, but should otherwise match: ${problems.join(',')}`)] : []
}
