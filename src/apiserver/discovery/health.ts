import type { HttpAnswer } from '../types.ts'

/** A named check: undefined while all is well, otherwise what is wrong. */
export type HealthCheck = () => string | undefined
export type HealthChecks = Readonly<Record<string, HealthCheck>>
/** What each of the three paths checks, in the order in which it is shown. */
export type HealthEndpoints = Readonly<Record<'healthz' | 'livez' | 'readyz', HealthChecks>>

const isWell = () => undefined

/** Upstream's checks, as far as there is something to check. */
export function healthChecks({
  storage,
  startHooks,
  shutdown,
}: {
  readonly storage: HealthCheck
  readonly startHooks: HealthChecks
  readonly shutdown: HealthCheck
}): HealthEndpoints {
  const healthz = { ping: isWell, log: isWell, etcd: storage, ...startHooks }
  return {
    healthz,
    livez: healthz,
    // Informers in the server's process are views of the store: they are synchronized as soon as it is open.
    readyz: { ping: isWell, log: isWell, etcd: storage, 'etcd-readiness': storage, 'informer-sync': isWell, ...startHooks, shutdown },
  }
}

/** `/livez`, `/readyz`, `/healthz` and single checks below them, in upstream's words; reasons of all together go to the log, not to the client. */
export function answerHealth(
  endpoint: string,
  single: string | undefined,
  checks: HealthChecks,
  query: URLSearchParams,
  log: (name: string, reason: string) => void,
): HttpAnswer | undefined {
  if (single !== undefined) return Object.hasOwn(checks, single) ? answerSingle(single, checks[single]?.(), log) : undefined
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let failed = false
  for (const [name, check] of Object.entries(checks)) {
    if (excluded.delete(name)) {
      lines.push(`[+]${name} excluded: ok`)
      continue
    }
    const reason = check()
    if (reason === undefined) lines.push(`[+]${name} ok`)
    else {
      failed = true
      log(name, reason)
      lines.push(`[-]${name} failed: reason withheld`)
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].sort().map(name => `"${name}"`)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}`)
  }
  if (failed) return plain(500, `${lines.join('\n')}\n${endpoint} check failed\n`)
  return plain(200, query.has('verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok')
}

function answerSingle(name: string, reason: string | undefined, log: (name: string, reason: string) => void): HttpAnswer {
  if (reason === undefined) return plain(200, 'ok')
  log(name, reason)
  return plain(500, `internal server error: ${reason}\n`)
}

const plain = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
})
