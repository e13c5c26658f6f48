import { type CelType, celTypes, listOf, mapOf, opaque, optionalOf, parameter, typeOf } from './types.ts'

/** One form of a function, written `(int, list(T)) -> T`, or `string.(int) -> string` where it is called on its first argument. */
export interface Signature {
  readonly receiver: boolean
  readonly parameters: readonly CelType[]
  readonly result: CelType
}

export function signature(text: string): Signature {
  let position = 0
  const words = text.match(/->|[\w.]*\w|[().,]/g) ?? []
  const next = (): string => words[position++] ?? ''
  const accept = (word: string): boolean => words[position] === word && position++ >= 0

  const parameters: CelType[] = []
  const receiver = words[0] !== '('
  if (receiver) {
    parameters.push(readType())
    if (!accept('.')) throw new Error(`read the signature ${text}: no dot behind the receiver`)
  }
  if (next() !== '(') throw new Error(`read the signature ${text}: no parenthesis`)
  while (!accept(')')) {
    parameters.push(readType())
    accept(',')
  }
  if (next() !== '->') throw new Error(`read the signature ${text}: no result`)
  return { receiver, parameters, result: readType() }

  function readType(): CelType {
    const name = next()
    const known = (celTypes as Readonly<Record<string, CelType>>)[name]
    if (known) return known
    if (/^[A-Z]$/.test(name)) return parameter(name)
    if (!accept('(')) return opaque(name)
    const inner = [readType()]
    while (accept(',')) inner.push(readType())
    accept(')')
    const [first, second] = inner as [CelType, CelType]
    switch (name) {
      case 'list':
        return listOf(first)
      case 'map':
        return mapOf(first, second)
      case 'optional':
        return optionalOf(first)
      case 'type':
        return typeOf(first)
      default:
        throw new Error(`read the signature ${text}: unknown type ${name}`)
    }
  }
}
