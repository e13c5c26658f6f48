import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conflict } from '../apimachinery/api-errors.ts'
import { type ConfigMap, configMapKind } from '../apis/core/config-map.ts'
import { createLogger, createMetrics, seededRandom, silentLogger } from '../base/index.ts'
import { createClient } from './client.ts'
import { runController, splitKey, watchOf } from './controller.ts'
import { createFakeApi } from './testing/fake-api.ts'
import { createManualClock } from './testing/manual-clock.ts'

const setUp = (reconcile: (key: string, signal: AbortSignal) => Promise<undefined | { requeueAfter_ms: number }>) => {
  const clock = createManualClock()
  const lines: string[] = []
  const logger = createLogger({ clock, level: 'debug', write: line => lines.push(line) })
  const client = createClient({
    connection: createFakeApi().connect({ views: true }),
    clock,
    random: seededRandom(1),
    logger: silentLogger,
  })
  const keys = (old: ConfigMap | undefined, current: ConfigMap | undefined) => {
    const { namespace, name } = (current ?? old)?.metadata ?? {}
    return [`${namespace}/${name}`]
  }
  const start = () =>
    runController({
      name: 'test',
      client,
      workers: 2,
      logger,
      clock,
      metrics: createMetrics(),
      watches: [watchOf(client.informer(configMapKind), keys)],
      reconcile,
    })
  return {
    clock,
    client,
    lines,
    start,
    create: (name: string) => client.create(configMapKind, { metadata: { name, namespace: 'default' } }),
  }
}

describe('controller', () => {
  test('reconciles what is there and what changes', async () => {
    const seen: string[] = []
    const { client, clock, start, create } = setUp(async key => void seen.push(key) as undefined)
    await create('a')
    const controller = start()
    await clock.advance(0)
    await create('b')
    await client.delete(configMapKind, 'default', 'a')
    await clock.advance(0)
    assert.deepEqual(seen, ['default/a', 'default/b', 'default/a'])
    await controller.close()
    await create('c')
    await clock.advance(1000)
    assert.equal(seen.length, 3)
  })

  test('tries again after a failure, logging why, and after the time that reconcile asks for', async () => {
    let calls = 0
    const { clock, lines, start, create } = setUp(async () => {
      calls++
      if (calls === 1) throw new Error('no luck')
      if (calls === 2) throw conflict({ group: '', resource: 'configmaps' }, 'a', 'newer')
      return calls === 3 ? { requeueAfter_ms: 60_000 } : undefined
    })
    const controller = start()
    await create('a')
    await clock.advance(0)
    assert.equal(calls, 1)
    assert.match(lines[0] ?? '', /"level":"warn".*test: reconciling default\/a failed.*no luck/)
    await clock.advance(5)
    assert.equal(calls, 2)
    assert.match(lines[1] ?? '', /"level":"debug"/)
    await clock.advance(10)
    assert.equal(calls, 3)
    await clock.advance(59_999)
    assert.equal(calls, 3)
    await clock.advance(1)
    assert.equal(calls, 4)
    await controller.close()
  })

  test('close tells running work and waits for it', async () => {
    const { clock, start, create } = setUp(
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const controller = start()
    await create('a')
    await clock.advance(0)
    await controller.close()
  })

  test('keys split into namespace and name', () => {
    assert.deepEqual(splitKey('a/b'), { namespace: 'a', name: 'b' })
    assert.deepEqual(splitKey('b'), { namespace: undefined, name: 'b' })
  })
})
