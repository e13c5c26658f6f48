import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { createMetrics, silentLogger, systemClock } from '../../base/index.ts'
import { createAudit } from './audit.ts'

describe('an audit log whose backend fails', () => {
  it('tells who waits for the first stage, and brings nobody else down', async () => {
    const clock = systemClock()
    let written = 0
    const backend = {
      write() {
        written++
        return Promise.reject(new Error('the disk is full'))
      },
      close: async () => {},
    }
    const policy = { rules: [{ level: 'Metadata' as const }], omitStages: [], omitManagedFields: false }
    const audit = createAudit({ policy, backends: [backend], clock, logger: silentLogger, metrics: createMetrics() })
    const attributes = {
      verb: 'get',
      path: '/',
      isResourceRequest: false,
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
    }
    const request = { auditId: 'a', uri: '/', attributes, sourceIPs: [], userAgent: '', receivedAt_ms: 0 }
    const unhandled = new AbortController()
    const seen = once(process, 'unhandledRejection', { signal: unhandled.signal }).then(
      () => true,
      () => false,
    )
    const user = { name: 'a', groups: [] }
    const record = audit.begin(request, user)
    await assert.rejects(record?.received as Promise<void>, /the disk is full/)
    audit.begin(request, user)?.complete(200)
    record?.responseStarted(200)
    record?.complete(200)
    audit.refuseUnknown(request, 'nobody', 401)
    // Rejections that nobody handles are told of once the microtasks are over.
    for (let turn = 0; turn < 3; turn++) await clock.yield()
    unhandled.abort()
    assert.deepEqual([written, await seen], [6, false])
  })
})
