import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import { systemClock } from '../../base/clock.ts'
import { limits } from '../limits.ts'
import { createYamlReader } from './index.ts'
import { readYaml } from './read-yaml.ts'

const clock = systemClock()
const lines = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}: value ${index}`)
const messageOf = async (read: () => unknown): Promise<string> => {
  try {
    await read()
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error))
    return error.message
  }
  return 'no error'
}

describe('YAML that clients send', () => {
  const reader = createYamlReader({ clock, entry: undefined })
  const yaml = reader.of('ann')
  after(() => reader.close())

  it('is read in place where it is small', () => {
    assert.deepEqual(yaml.read('a: 1\nb: yes\n', true), { value: { a: 1, b: true }, duplicates: [] })
  })
  it('leaves the loop to others where it is large', async () => {
    const reading = Promise.resolve(yaml.read(lines(20_000).join('\n'), true))
    let isRead = false
    void reading.then(() => (isRead = true))
    let turns = 0
    for (; !isRead; turns++) await clock.yield()
    assert.ok(turns > 10, `${turns} turns`)
    const { value } = await reading
    assert.equal((value as Record<string, string>)['key-19999'], 'value 19999')
  })
  it('is read alike on both ways', async () => {
    const padding = `\n# ${'x'.repeat(limits.yamlInPlaceBytes)}\n`
    const texts = ['a: 1\nb: {c: [~, 0x10, 1e3, 2001-01-01], __proto__: d}\n', 'a: 1\na: 2\n', '---\na: &b [1]\nc: *b\n---\nz: 1\n', '']
    for (const text of texts) assert.deepEqual(await yaml.read(text + padding, true), readYaml(text + padding, true), text)
    for (const text of ['a: [', 'a: !custom 1', '\ta: b', 'a: &a [*a]', 'a: b: c']) {
      const inPlace = await messageOf(() => readYaml(text + padding, false))
      assert.match(inPlace, /^error converting YAML to JSON: yaml: /)
      assert.equal(await messageOf(() => yaml.read(text + padding, false)), inPlace, text)
    }
  })
  it('of a few aliases for a long text does not fill the memory', async () => {
    const text = `a: &a ${'x'.repeat(100_000)}\nb: [${Array(400).fill('*a').join(', ')}]\n`
    assert.match(await messageOf(() => yaml.read(text, false)), /document contains excessive aliasing/)
  })
  it('is no longer waited for when the server closes, and not begun after that', async () => {
    const other = createYamlReader({ clock, entry: undefined })
    const reading = assert.rejects(async () => other.of('ann').read(lines(20_000).join('\n'), false), /the server is closing/)
    await other.close()
    await reading
    await assert.rejects(async () => other.of('ann').read(lines(20_000).join('\n'), false), /the server is closing/)
  })
  it('rejects with what is wrong with the thread, and tries a new one next time', async () => {
    const dying = new URL('data:text/javascript,process.exit(3)')
    const other = createYamlReader({ clock, entry: dying })
    for (let attempt = 0; attempt < 2; attempt++)
      await assert.rejects(async () => other.of('ann').read(lines(20_000).join('\n'), false), /it ended with code 3/)
    await other.close()
  })
  it('is read in turns: whoever sends much waits for himself', async () => {
    const order: string[] = []
    const read = async (user: string) => {
      await reader.of(user).read(lines(1_000).join('\n'), false)
      order.push(user)
    }
    const flood = Array.from({ length: 8 }, () => read('flood'))
    await Promise.all([read('bob'), read('eve'), ...flood, read('bob')])
    // The first of the flood was begun before anybody else came.
    assert.deepEqual(order, ['flood', 'flood', 'bob', 'eve', 'flood', 'bob', ...Array<string>(5).fill('flood')])
  })
  it('of others is read where one text ends its thread', async () => {
    // Answers what begins well, and ends at the rest.
    const script =
      "import { parentPort as p } from 'node:worker_threads'; p.on('message', ({ text }) => text.startsWith('key') ? p.postMessage({ type: 'document', json: '1', duplicates: [] }) : process.exit(3))"
    const other = createYamlReader({ clock, entry: new URL(`data:text/javascript,${encodeURIComponent(script)}`) })
    const text = lines(1_000).join('\n')
    const bad = assert.rejects(async () => other.of('bad').read(`#${text}`, false), /it ended with code 3/)
    const good = ['good', 'bad', 'good'].map(user => other.of(user).read(text, false))
    assert.deepEqual(await Promise.all(good), Array(3).fill({ value: 1, duplicates: [] }))
    await bad
    await other.close()
  })
})
