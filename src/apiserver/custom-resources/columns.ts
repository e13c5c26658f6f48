import { type JsonPath, parseJsonPath, valuesAt } from '../../apimachinery/json-schema/json-path.ts'
import { type Column, formatAge, nameColumn } from '../../apimachinery/kind.ts'
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from '../../apis/index.ts'

const age: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created.',
  jsonPath: '.metadata.creationTimestamp',
}

/** The name, and what the definition adds to it; the age where it adds nothing. */
export const columnsOf = ({ additionalPrinterColumns }: CustomResourceDefinitionVersion): readonly Column[] => [
  nameColumn,
  ...(additionalPrinterColumns?.length ? additionalPrinterColumns : [age]).map(columnOf),
]

function columnOf({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): Column {
  let path: JsonPath | undefined
  const pathOf = (): JsonPath => {
    if (path) return path
    const parsed = parseJsonPath(jsonPath)
    path = 'path' in parsed ? parsed.path : []
    return path
  }
  return {
    name,
    type: type as Column['type'],
    ...(format && { format }),
    description: description ?? '',
    priority: priority ?? 0,
    ...(type === 'date' && { timeDependent: true }),
    // Several values may be there; the first one is shown.
    cell: (object: unknown, now: number) => cellOf(type, valuesAt(pathOf(), object)[0], now),
  }
}

/** Null where there is no value, or none of the column's type. */
function cellOf(type: string, value: unknown, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? formatAge(value, now) : null
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}
