/** What a proxy's name asks for: `web`, `web:http`, `https:web:443`. */
export interface TargetName {
  readonly scheme: 'http' | 'https' | ''
  readonly name: string
  /** A number or a name; empty where none is given. */
  readonly port: string
}

/** Undefined for what is no such name. */
export function parseTargetName(text: string): TargetName | undefined {
  const parts = text.split(':')
  const [scheme, name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1] ?? '']
  if (parts.length > 3 || !name || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) return undefined
  return { scheme, name, port: port ?? '' }
}
