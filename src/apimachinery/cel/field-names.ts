/** Names of JSON members as CEL can write them, Kubernetes' escapes: `a-b` is `a__dash__b`, `namespace` is `__namespace__`. */
const keywords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }
const unescapes: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(escapes).map(([plain, escaped]) => [escaped, plain]))

/** Undefined where there is no way to write the name. */
export function escapeFieldName(name: string): string | undefined {
  if (keywords.has(name)) return `__${name}__`
  if (!/^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(name)) return undefined
  return name.replace(/__|[.\-/]/g, part => escapes[part] as string)
}

export function unescapeFieldName(name: string): string {
  const keyword = /^__([a-z]+)__$/.exec(name)?.[1]
  if (keyword !== undefined && keywords.has(keyword)) return keyword
  return name.replace(/__(?:underscores|dot|dash|slash)__/g, part => unescapes[part] as string)
}
