import type { UserInfo } from '../../apimachinery/request.ts'

/**
 * Upstream's file of fixed tokens: one `token,user,uid,"group1,group2"` a line. Lines that can't be used are reported by
 * number, never shown.
 */
export function parseTokenFile(content: string, source: string, warn: (message: string) => void): Readonly<Record<string, UserInfo>> {
  const users = new Map<string, UserInfo>()
  for (const [index, line] of content.split('\n').entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const where = `read token file ${source}, line ${index + 1}`
    const [token = '', name, uid, groups = ''] = splitRecord(text)
    if (name === undefined || uid === undefined) throw new Error(`${where}: token, user name and user uid are needed`)
    if (token === '') {
      warn(`${where}: empty token, left out`)
      continue
    }
    if (users.has(token)) warn(`${where}: a token that stood before; this line counts`)
    const named = groups
      .split(',')
      .map(group => group.trim())
      .filter(group => group !== '')
    users.set(token, { name, ...(uid && { uid }), groups: named })
  }
  return Object.fromEntries(users)
}

/** Values with commas stand in quotes, a quote in them twice. */
function splitRecord(line: string): string[] {
  const values: string[] = []
  for (const match of line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    values.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim())
    if (match.index + match[0].length >= line.length && !match[0].endsWith(',')) break
  }
  return values
}
