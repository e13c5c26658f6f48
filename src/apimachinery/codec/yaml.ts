import { defineScalarTag, FAILSAFE_SCHEMA, loadAll, mergeTag, NOT_RESOLVED, type Schema, YAMLException } from 'js-yaml'
import { DecodeError } from './decode-error.ts'

export interface ParseYamlOptions {
  readonly maximumDepth?: number
  /** How many values aliases may stand for in all, once written out. */
  readonly maximumExpansion?: number
  /** The same for the characters of texts and keys: few aliases of a long text would fill the memory. */
  readonly maximumExpandedText?: number
  /** Told of the first key that a mapping has twice; the last one counts. */
  readonly onDuplicate?: (description: string) => void
}

const defaultMaximumExpansion = 500_000
const defaultMaximumExpandedText = 4 * 1024 * 1024
const defaultMaximumDepth = 200

/** The first document as kubectl would read it, as JSON values; null where there is none. */
export const parseYaml = (text: string, options?: ParseYamlOptions): unknown => readDocuments(firstDocument(text), options)[0] ?? null

/**
 * The text up to where a second document begins, so that nobody pays for reading what nobody asked for. Markers stand at
 * the beginning of a line, where no scalar can have them.
 */
function firstDocument(text: string): string {
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm
  const first = marker.exec(text)
  if (!first) return text
  const isPreamble = !/^(?!%)[ \t]*[^#\s]/m.test(text.slice(0, first.index))
  const end = isPreamble && first[0] === '---' ? marker.exec(text) : first
  return end ? text.slice(0, end.index) : text
}

/** All documents that are not empty. */
export const parseYamlDocuments = (text: string, options?: ParseYamlOptions): unknown[] =>
  readDocuments(text, options).filter(document => document !== null && document !== undefined)

function readDocuments(text: string, options: ParseYamlOptions = {}): unknown[] {
  // Read once where all is well: only a document with a key that stands twice is read again, as it counts.
  const documents = (options.onDuplicate && loadWithoutDuplicates(text, options, options.onDuplicate)) ?? load(text, options, true)
  // Only aliases can make more of a document than its length allows.
  if (text.includes('*')) {
    const budget = {
      values: options.maximumExpansion ?? defaultMaximumExpansion,
      text: options.maximumExpandedText ?? defaultMaximumExpandedText,
    }
    for (const document of documents) expand(document, budget, new Set())
  }
  return documents
}

function load(text: string, options: ParseYamlOptions, lastKeyCounts: boolean): unknown[] {
  try {
    return loadAll(text, { schema: kubectlSchema, json: lastKeyCounts, maxDepth: options.maximumDepth ?? defaultMaximumDepth })
  } catch (error) {
    throw new DecodeError(`error converting YAML to JSON: yaml: ${describe(error)}`, { cause: error })
  }
}

function describe(error: unknown): string {
  if (!(error instanceof YAMLException)) return error instanceof Error ? error.message : String(error)
  return error.mark ? `line ${error.mark.line + 1}: ${error.reason}` : error.reason
}

/** Undefined, and `report` told, where a key stands twice; undefined for any other mistake, which the reading that follows throws. */
function loadWithoutDuplicates(text: string, options: ParseYamlOptions, report: (description: string) => void): unknown[] | undefined {
  try {
    return loadAll(text, { schema: kubectlSchema, maxDepth: options.maximumDepth ?? defaultMaximumDepth })
  } catch (error) {
    if (!(error instanceof YAMLException) || !/duplicate/i.test(error.reason)) return undefined
    const line = error.mark?.line ?? 0
    const key = /^[\s-]*["']?([^"':]+)/.exec(text.split('\n')[line] ?? '')?.[1] ?? ''
    report(`line ${line + 1}: key ${JSON.stringify(key.trim())} already set in map`)
    return undefined
  }
}

interface Budget {
  values: number
  text: number
}

/** Counts what aliases stand for, as JSON would have it, and finds anchors that contain themselves. */
function expand(value: unknown, budget: Budget, open: Set<object>): void {
  budget.values--
  if (typeof value === 'string') budget.text -= value.length
  if (budget.values < 0 || budget.text < 0)
    throw new DecodeError('error converting YAML to JSON: yaml: document contains excessive aliasing')
  if (typeof value !== 'object' || value === null) return
  if (open.has(value)) throw new DecodeError('error converting YAML to JSON: yaml: anchor value contains itself')
  open.add(value)
  const isList = Array.isArray(value)
  for (const [key, child] of Object.entries(value)) {
    if (!isList) budget.text -= key.length
    expand(child, budget, open)
  }
  open.delete(value)
}

const words = (value: boolean | null, ...spellings: string[]): [string, boolean | null][] => spellings.map(one => [one, value])

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ...words(true, 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'),
  ...words(false, 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'),
  ...words(null, '', '~', 'null', 'Null', 'NULL'),
])

const never = (): boolean => false

const nullTag = defineScalarTag<null>('tag:yaml.org,2002:null', {
  implicit: true,
  implicitFirstChars: ['', '~', 'n', 'N'],
  resolve: source => (constants.get(source) === null ? null : NOT_RESOLVED),
  identify: never,
})

const booleanTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'yYtToOnNfF'],
  resolve: source => constants.get(source) ?? NOT_RESOLVED,
  identify: never,
})

const integerTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'+-0123456789'],
  resolve: source => parseInteger(source.replaceAll('_', '')) ?? NOT_RESOLVED,
  identify: never,
})

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'+-.0123456789'],
  resolve: source => parseFloatingPoint(source.replaceAll('_', '')) ?? NOT_RESOLVED,
  identify: never,
})

/** Go's rules for base 0: `0x`, `0b`, `0o`, and a leading zero, are bases. */
function parseInteger(source: string): number | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(source)
  if (!match) return undefined
  const [, sign, digits = ''] = match
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return sign === '-' ? 0 - value : value
}

function parseFloatingPoint(source: string): number | undefined {
  return /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(source) ? Number(source) : undefined
}

// Dates stay text, as upstream keeps them; without `!!binary`, `!!set` and the like, which have no form in JSON.
const kubectlSchema: Schema = FAILSAFE_SCHEMA.withTags(nullTag, booleanTag, integerTag, floatTag, mergeTag)
