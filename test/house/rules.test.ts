import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkAmbientTime, checkImports, checkProcessOwnership, type Violation } from './rules.ts'

const source = join(import.meta.dirname, '../../src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
const violationsOf = (check: (file: string, text: string) => Violation[]) =>
  files.flatMap(file => check(file, readFileSync(join(source, file), 'utf8'))).map(({ file, line, rule }) => `src/${file}:${line}: ${rule}`)

test('rooms import only what the house allows', () => {
  assert.deepEqual(violationsOf(checkImports), [])
})

test('a planted wrong import is caught', () => {
  const planted = "import { startScheduler } from '../scheduler/index.ts'\n"
  assert.equal(checkImports('kubelet/planted.ts', planted).length, 1)
  assert.equal(checkImports('storage/planted.ts', "import type { Kind } from '../apimachinery/kind.ts'\n").length, 1)
  assert.equal(checkImports('controllers/deep/planted.ts', "const x = await import('../../storage/index.ts')\n").length, 1)
  assert.equal(checkImports('cluster/allowed.ts', planted).length, 0)
})

test('time and randomness come in through parameters', () => {
  assert.deepEqual(violationsOf(checkAmbientTime), [])
  assert.equal(checkAmbientTime('kubelet/planted.ts', 'const at = Date.now()\nsetTimeout(run, 5)\n').length, 2)
  assert.equal(checkAmbientTime('kubelet/fine.ts', '// setTimeout( is banned here\nclock.setTimer(5, run)\n').length, 0)
})

test('only process entries own the process', () => {
  assert.deepEqual(violationsOf(checkProcessOwnership), [])
  assert.equal(checkProcessOwnership('kubelet/planted.ts', 'process.exit(1)\n').length, 1)
})
