import type { Nft } from './nft.ts'

/**
 * An nftables in memory, as strict as the kernel about what the proxy does: nothing is used before it is there, added
 * twice with another value, deleted while it is named or without being there; a transaction that fails changes nothing.
 */
export interface FakeNft extends Nft {
  /** Keys and values of a map; the values of a set are empty. */
  elements(table: string, name: string): ReadonlyMap<string, string>
  rules(table: string, chain: string): readonly string[]
  readonly transactions: readonly string[]
  /** Somebody else's `nft flush ruleset`. */
  flushRuleset(): void
  /** What it throws is the outcome of the transaction. */
  intercept: ((commands: string) => void) | undefined
}

interface Table {
  readonly chains: Map<string, string[]>
  readonly sets: Map<string, { readonly isMap: boolean; readonly elements: Map<string, string> }>
}

export function createFakeNft(): FakeNft {
  let tables = new Map<string, Table>()
  const transactions: string[] = []
  const tableOf = (name: string) => tables.get(name) ?? fail(`table ${name}: No such file or directory`)
  const fake: FakeNft = {
    intercept: undefined,
    transactions,
    async apply(commands) {
      fake.intercept?.(commands)
      const draft = copyOf(tables)
      run(draft, commands)
      check(draft)
      tables = draft
      transactions.push(commands)
    },
    async hasTable(table) {
      return tables.has(table)
    },
    elements: (table, name) => (tableOf(table).sets.get(name) ?? fail(`map ${name}: No such file or directory`)).elements,
    rules: (table, chain) => tableOf(table).chains.get(chain) ?? fail(`chain ${chain}: No such file or directory`),
    flushRuleset: () => tables.clear(),
  }
  return fake
}

function fail(message: string): never {
  throw new Error(message)
}

const copyOf = (tables: ReadonlyMap<string, Table>): Map<string, Table> =>
  new Map(
    [...tables].map(([name, { chains, sets }]) => [
      name,
      {
        chains: new Map([...chains].map(([chain, rules]) => [chain, [...rules]])),
        sets: new Map([...sets].map(([set, { isMap, elements }]) => [set, { isMap, elements: new Map(elements) }])),
      },
    ]),
  )

function run(tables: Map<string, Table>, commands: string): void {
  const lines = commands.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] as string).trim()
    if (line === '') continue
    const block = /^table inet (\S+) \{$/.exec(line)
    if (block) index = runBlock(tables, block[1] as string, lines, index + 1)
    else runCommand(tables, line)
  }
}

/** Reads `table ... { }` up to its end and gives the index of its last line. */
function runBlock(tables: Map<string, Table>, table: string, lines: readonly string[], start: number): number {
  if (!tables.has(table)) tables.set(table, { chains: new Map(), sets: new Map() })
  let chain: string | undefined
  for (let index = start; index < lines.length; index++) {
    const line = (lines[index] as string).trim()
    if (line === '') continue
    if (line === '}') {
      if (chain === undefined) return index
      chain = undefined
      continue
    }
    const opened = /^chain (\S+) \{(.*)$/.exec(line)
    if (opened) {
      const name = opened[1] as string
      const rest = (opened[2] as string).trim()
      runCommand(tables, `add chain inet ${table} ${name}`)
      const statements = rest
        .replace(/\}$/, '')
        .split(';')
        .map(one => one.trim())
      for (const rule of statements.filter(one => one !== '' && !/^(type|policy) /.test(one))) addRule(tables, table, name, rule)
      chain = rest.endsWith('}') ? undefined : name
    } else if (chain !== undefined) addRule(tables, table, chain, line)
    else declare(tables, table, line)
  }
  return fail(`table ${table}: syntax error, unexpected end of file`)
}

/** `set NAME { type ...; elements = { ... }; }` and the same of maps. */
function declare(tables: Map<string, Table>, table: string, line: string): void {
  const parts = /^(set|map) (\S+) \{ (.*) \}$/.exec(line) ?? fail(`syntax error: ${line}`)
  const [, kind = '', name = '', body = ''] = parts
  const sets = existing(tables, table).sets
  if (!/^(type|typeof) /.test(body)) fail(`${kind} ${name}: key type is missing`)
  if ((kind === 'map') !== / : /.test(body)) fail(`${kind} ${name}: only maps have values`)
  if (!sets.has(name)) sets.set(name, { isMap: kind === 'map', elements: new Map() })
  const elements = /elements = \{ (.*?) \}/.exec(body)?.[1]
  if (elements) addElements(tables, table, name, elements)
}

function runCommand(tables: Map<string, Table>, line: string): void {
  const [, verb = '', what = '', table = '', rest = ''] =
    /^(add|delete|flush) (table|map|set|chain|rule|element) inet (\S+) ?(.*)$/.exec(line) ?? fail(`syntax error: ${line}`)
  if (what === 'table') {
    if (verb === 'add') tables.set(table, tables.get(table) ?? { chains: new Map(), sets: new Map() })
    else if (verb !== 'delete' || !tables.delete(table)) fail(`table ${table}: No such file or directory`)
    return
  }
  const { chains, sets } = existing(tables, table)
  const [name = '', ...body] = rest.split(' ')
  const text = body.join(' ')
  const inside = () => /^\{ (.*) \}$/.exec(text)?.[1] ?? fail(`syntax error: ${line}`)
  if (verb === 'add' && what === 'chain') chains.set(name, chains.get(name) ?? [])
  else if (verb === 'add' && what === 'rule') addRule(tables, table, name, text)
  else if (verb === 'add' && what === 'element') addElements(tables, table, name, inside())
  else if (verb === 'add') declare(tables, table, `${what} ${rest}`)
  else if (verb === 'flush' && what === 'chain') chainOf(chains, name).length = 0
  else if (verb === 'delete' && what === 'element') deleteElements(tables, table, name, inside())
  else if (verb === 'delete' && what === 'chain') {
    if (chainOf(chains, name).length) fail(`chain ${name}: Device or resource busy`)
    chains.delete(name)
  } else if (verb === 'delete' && what === 'set') {
    if (!sets.delete(name)) fail(`set ${name}: No such file or directory`)
  } else fail(`syntax error: ${line}`)
}

const existing = (tables: ReadonlyMap<string, Table>, table: string): Table =>
  tables.get(table) ?? fail(`table ${table}: No such file or directory`)

const chainOf = (chains: ReadonlyMap<string, string[]>, name: string): string[] =>
  chains.get(name) ?? fail(`chain ${name}: No such file or directory`)

function addRule(tables: Map<string, Table>, table: string, chain: string, rule: string): void {
  const { chains, sets } = existing(tables, table)
  chainOf(chains, chain).push(rule)
  for (const [, name = ''] of rule.matchAll(/@([\w/.-]+)/g))
    if (!sets.has(name)) fail(`rule ${rule}: set ${name}: No such file or directory`)
}

function addElements(tables: Map<string, Table>, table: string, name: string, text: string): void {
  const { isMap, elements } = existing(tables, table).sets.get(name) ?? fail(`set ${name}: No such file or directory`)
  for (const element of text.split(', ')) {
    // Addresses of version 6 have colons too, but without blanks.
    const [key = '', value = ''] = element.split(' : ')
    if ((value !== '') !== isMap) fail(`element ${element} of ${name}: ${isMap ? 'a map needs a value' : 'a set has no values'}`)
    const known = elements.get(key)
    if (known !== undefined && known !== value) fail(`element ${element} of ${name}: File exists`)
    elements.set(key, value)
  }
}

function deleteElements(tables: Map<string, Table>, table: string, name: string, text: string): void {
  const { elements } = existing(tables, table).sets.get(name) ?? fail(`set ${name}: No such file or directory`)
  for (const key of text.split(', ')) if (!elements.delete(key)) fail(`element ${key} of ${name}: No such file or directory`)
}

/** What is named must be there at the end of the transaction. */
function check(tables: ReadonlyMap<string, Table>): void {
  for (const { chains, sets } of tables.values()) {
    const verdicts = [...sets.values()].flatMap(({ elements }) => [...elements.values()])
    for (const text of [...[...chains.values()].flat(), ...verdicts]) {
      for (const [, name = ''] of text.matchAll(/\b(?:goto|jump) ([\w/.-]+)/g)) chainOf(chains, name)
      for (const [, name = ''] of text.matchAll(/@([\w/.-]+)/g)) if (!sets.has(name)) fail(`set ${name}: Device or resource busy`)
    }
  }
}
