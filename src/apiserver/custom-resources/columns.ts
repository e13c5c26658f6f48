import { type Cell, timeSince } from '../../apimachinery/cell.ts'
import { parseTime } from '../../apimachinery/codec/time.ts'
import { type JsonPath, parseJsonPath, valuesAt } from '../../apimachinery/json-schema/json-path.ts'
import { type Column, nameColumn } from '../../apimachinery/kind.ts'
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
    // Several values may be there; the first one is shown.
    cell: (object: unknown) => cellOf(type, valuesAt(pathOf(), object)[0]),
  }
}

/** Null where there is no value, or none of the column's type. */
function cellOf(type: string, value: unknown): Cell {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? sinceDate(value) : null
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

function sinceDate(value: string): Cell {
  if (value === '' || value === 'null') return timeSince(undefined)
  try {
    parseTime(value)
    return timeSince(value)
  } catch {
    return '<invalid>'
  }
}
