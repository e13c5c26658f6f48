import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createMetrics, silentLogger } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import type { WebhookClient } from '../webhook-client.ts'
import { auditLogFile } from './log-file.ts'
import { auditWebhook } from './webhook.ts'

const directory = mkdtempSync(join(tmpdir(), 'proa-audit-'))
after(() => rmSync(directory, { recursive: true }))

describe('audit log file', () => {
  it('is put aside when it is full; the newest old ones stay', async () => {
    const clock = createManualClock()
    const path = join(directory, 'deep', 'audit.log')
    const log = auditLogFile({
      path,
      mode: 'blocking',
      maximumSize: 1,
      maximumBackups: 2,
      clock,
      logger: silentLogger,
      metrics: createMetrics(),
    })
    const line = JSON.stringify({ text: 'x'.repeat(700_000) })
    for (let round = 0; round < 5; round++) {
      await log.write(line)
      await clock.advance(1000)
    }
    await log.close()
    assert.equal(readFileSync(path, 'utf8'), `${line}\n`)
    const old = readdirSync(join(directory, 'deep')).filter(name => name !== 'audit.log')
    assert.deepEqual(old, ['audit-2026-01-01T00-00-03.000.log', 'audit-2026-01-01T00-00-04.000.log'])
  })

  it('packs old files where that is wanted', async () => {
    const clock = createManualClock()
    const path = join(directory, 'packed.log')
    writeFileSync(path, 'y'.repeat(1024 * 1024))
    const log = auditLogFile({ path, mode: 'batch', maximumSize: 1, compress: true, clock, logger: silentLogger, metrics: createMetrics() })
    assert.equal(log.write('{}'), undefined)
    await log.close()
    const [packed = ''] = readdirSync(directory).filter(name => name.startsWith('packed-'))
    assert.match(packed, /\.log\.gz$/)
    assert.equal(gunzipSync(readFileSync(join(directory, packed))).toString(), 'y'.repeat(1024 * 1024))
  })

  it('in strict mode a request learns that its event could not be written; otherwise it is counted', async () => {
    const metrics = createMetrics()
    const shared = { path: directory, clock: createManualClock(), logger: silentLogger, metrics }
    await assert.rejects(auditLogFile({ ...shared, mode: 'blocking-strict' }).write('{}') as Promise<void>, /write audit events/)
    await auditLogFile({ ...shared, mode: 'blocking' }).write('{}')
    assert.match(metrics.render(), /apiserver_audit_error_total\{plugin="log"\} 2/)
  })
})

describe('audit webhook', () => {
  const fakeClient = (answers: (() => Promise<unknown>)[] = []) => {
    const bodies: { readonly kind: string; readonly items: readonly unknown[] }[] = []
    const client: WebhookClient = {
      url: 'https://audit.example',
      async post(body) {
        const answer = answers.shift()
        if (answer) await answer()
        bodies.push(JSON.parse(body))
      },
    }
    return { client, bodies }
  }
  const world = (clock = createManualClock()) => ({ clock, logger: silentLogger, metrics: createMetrics() })

  it('sends a batch when it is full, or when its oldest event has waited', async () => {
    const { client, bodies } = fakeClient()
    const shared = world()
    const webhook = auditWebhook({ client, batch: { maximumSize: 3, maximumWait_ms: 1000 }, ...shared })
    for (let index = 0; index < 4; index++) webhook.write(JSON.stringify({ index }))
    await shared.clock.advance(0)
    assert.deepEqual(
      bodies.map(({ items }) => items),
      [[{ index: 0 }, { index: 1 }, { index: 2 }]],
    )
    await shared.clock.advance(1000)
    assert.deepEqual(bodies[1]?.items, [{ index: 3 }])
    assert.equal(bodies[1]?.kind, 'EventList')
    webhook.write('{"last":true}')
    await webhook.close()
    assert.deepEqual(bodies[2]?.items, [{ last: true }])
  })

  it('tries again, gives up after five times, and drops what does not fit', async () => {
    const failing = () => Promise.reject(new Error('503'))
    const { client, bodies } = fakeClient([failing, failing])
    const shared = world()
    const webhook = auditWebhook({ client, batch: { maximumSize: 1, bufferSize: 2 }, ...shared })
    for (let index = 0; index < 4; index++) webhook.write(JSON.stringify({ index }))
    await shared.clock.advance(60_000)
    assert.deepEqual(
      bodies.flatMap(({ items }) => items),
      [{ index: 0 }, { index: 1 }],
    )
    assert.match(shared.metrics.render(), /apiserver_audit_error_total\{plugin="webhook"\} 2/)
    const dead = fakeClient(Array.from({ length: 5 }, () => failing))
    const lost = auditWebhook({ client: dead.client, batch: { maximumSize: 1 }, ...shared })
    lost.write('{}')
    await shared.clock.advance(200_000)
    assert.deepEqual(dead.bodies, [])
    assert.match(shared.metrics.render(), /apiserver_audit_error_total\{plugin="webhook"\} 3/)
    await webhook.close()
    await lost.close()
  })
})
