import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FlagDefinition, parseFlags, suggestion, UsageError } from './flags.ts'

const definitions: readonly FlagDefinition[] = [
  { name: 'name', short: 'n', type: 'string', value: 'NAME', description: '' },
  { name: 'purge', type: 'boolean', description: '' },
  { name: 'simulated-nodes', type: 'number', value: 'N', description: '' },
  { name: 'runtime', type: 'string', choices: ['containerd', 'simulated'], description: '' },
]

const accepted: [words: string[], flags: Record<string, unknown>, positional: string[]][] = [
  [[], {}, []],
  [['--name', 'a'], { name: 'a' }, []],
  [['--name=a=b'], { name: 'a=b' }, []],
  [['-n', 'a', 'rest'], { name: 'a' }, ['rest']],
  [['--purge'], { purge: true }, []],
  [['--purge=false', 'x'], { purge: false }, ['x']],
  [['--simulated-nodes', '12'], { 'simulated-nodes': 12 }, []],
  [['--', '--purge', '-n'], {}, ['--purge', '-n']],
  [['-'], {}, ['-']],
  [['--runtime', 'simulated'], { runtime: 'simulated' }, []],
]

for (const [words, flags, positional] of accepted)
  test(`parses ${JSON.stringify(words.join(' '))}`, () => {
    assert.deepEqual(parseFlags(definitions, words), { flags, positional })
  })

const refused: [words: string[], message: RegExp][] = [
  [['--pruge'], /unknown flag --pruge; did you mean "--purge"\?/],
  [['--zzzzzzzz'], /^unknown flag --zzzzzzzz$/],
  [['--name'], /flag --name needs a value: --name NAME/],
  [['--simulated-nodes', 'many'], /needs a whole number, not "many"/],
  [['--simulated-nodes=-1'], /needs a whole number/],
  [['--purge=maybe'], /true or false, not "maybe"/],
  [['--runtime', 'simulatd'], /must be one of containerd, simulated, not "simulatd"; did you mean "simulated"\?/],
]

for (const [words, message] of refused)
  test(`refuses ${JSON.stringify(words.join(' '))}`, () => {
    assert.throws(
      () => parseFlags(definitions, words),
      (error: Error) => error instanceof UsageError && message.test(error.message),
    )
  })

test('suggests only what is near', () => {
  assert.equal(suggestion('stauts', ['status', 'up']), '; did you mean "status"?')
  assert.equal(suggestion('frobnicate', ['status', 'up']), '')
})
