import type { HttpAnswer } from '../types.ts'

/** A named check: undefined while all is well, otherwise what is wrong. */
export type HealthCheck = () => string | undefined
export type HealthChecks = Readonly<Record<string, HealthCheck>>

/** `/livez`, `/readyz`, `/healthz` and single checks below them, in upstream's words; reasons go to the log, not to the client. */
export function answerHealth(
  endpoint: string,
  single: string | undefined,
  checks: HealthChecks,
  query: URLSearchParams,
  log: (name: string, reason: string) => void,
): HttpAnswer | undefined {
  if (single !== undefined && checks[single] === undefined) return undefined
  const excluded = new Set(query.getAll('exclude').flatMap(value => value.split(',')))
  const names = single === undefined ? Object.keys(checks) : [single]
  const lines: string[] = []
  let failed = false
  for (const name of names) {
    if (excluded.has(name)) {
      lines.push(`[+]${name} excluded: ok`)
      continue
    }
    const reason = checks[name]?.()
    if (reason === undefined) lines.push(`[+]${name} ok`)
    else {
      failed = true
      log(name, reason)
      lines.push(`[-]${name} failed: reason withheld`)
    }
  }
  if (failed) return plain(500, `${lines.join('\n')}\n${endpoint} check failed\n`)
  if (single !== undefined || !query.has('verbose')) return plain(200, 'ok')
  return plain(200, `${lines.join('\n')}\n${endpoint} check passed\n`)
}

const plain = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
})
