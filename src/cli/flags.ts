/** Flags of Proa's own commands: definitions as data, parsing as a pure function. */
export interface FlagDefinition {
  readonly name: string
  readonly short?: string
  readonly type: 'string' | 'number' | 'boolean'
  /** Shown in help for flags with a value. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly description: string
}

export interface ParsedFlags {
  readonly flags: Readonly<Record<string, string | number | boolean>>
  readonly positional: readonly string[]
}

/** A mistake in how a command was called: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Accepts `--name value`, `--name=value`, `-f`, `--flag=false` and `--` before positional arguments. */
export function parseFlags(definitions: readonly FlagDefinition[], words: readonly string[]): ParsedFlags {
  const flags: Record<string, string | number | boolean> = {}
  const positional: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    if (word === '--') {
      positional.push(...words.slice(index + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      positional.push(word)
      continue
    }
    const [given, inline] = splitOnce(word, '=')
    const definition = definitions.find(one => given === `--${one.name}` || (one.short !== undefined && given === `-${one.short}`))
    if (!definition) throw new UsageError(unknownFlag(given, definitions))
    let value = inline
    if (value === undefined && definition.type !== 'boolean') {
      value = words[++index]
      if (value === undefined) throw new UsageError(`flag ${given} needs a value: ${given} ${definition.value ?? 'VALUE'}`)
    }
    flags[definition.name] = convert(definition, given, value)
  }
  return { flags, positional }
}

function convert(definition: FlagDefinition, given: string, value: string | undefined): string | number | boolean {
  if (definition.type === 'boolean') {
    if (value === undefined || value === 'true') return true
    if (value === 'false') return false
    throw new UsageError(`flag ${given} is true or false, not ${JSON.stringify(value)}`)
  }
  const text = value ?? ''
  if (definition.choices && !definition.choices.includes(text))
    throw new UsageError(
      `flag ${given} must be one of ${definition.choices.join(', ')}, not ${JSON.stringify(text)}${suggestion(text, definition.choices)}`,
    )
  if (definition.type === 'string') return text
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new UsageError(`flag ${given} needs a whole number, not ${JSON.stringify(text)}`)
  return number
}

function unknownFlag(given: string, definitions: readonly FlagDefinition[]): string {
  const known = definitions.map(definition => `--${definition.name}`)
  return `unknown flag ${given}${suggestion(given, known)}`
}

/** `; did you mean "--name"?` when a candidate is near, else nothing. */
export function suggestion(given: string, candidates: readonly string[]): string {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(given, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best === undefined ? '' : `; did you mean "${best}"?`
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[right.length] as number
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
