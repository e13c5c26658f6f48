import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { findBinary, installPackages, missingPackages } from '../src/cluster/setup/packages.ts'

/**
 * `./proa test [FILE...]`: type check, then every test, ending with the summary of node's test runner.
 * Whole-cluster tests note each test that ran real containers; where they can run, a count of none is a failure.
 */
const root = join(import.meta.dirname, '..')
/** For one test, not for a file: a wait that never ends fails by itself long before, and says what was seen last. */
const testLimit_ms = 900_000
process.chdir(root)
const only = process.argv.slice(2).map(path => resolve(path))
const canRunContainers = process.platform === 'linux' && process.getuid?.() === 0

if (canRunContainers) await prepareMachine()
else console.log('Containers need Linux and root: tests that run real containers are skipped, each with its reason.')
if (only.length === 0) typeCheck()

const notes = mkdtempSync(join(tmpdir(), 'proa-test-'))
process.env.PROA_REAL_CONTAINER_NOTES = join(notes, 'real-container-tests')
try {
  await pipeline(Readable.from(allEvents()), new spec(), process.stdout, { end: false })
} finally {
  rmSync(notes, { recursive: true, force: true })
}

type TestEvent = { readonly type: string; readonly data: { readonly message?: string; readonly nesting?: number } }

/** The events of both phases with one summary at their end. */
async function* allEvents(): AsyncGenerator<TestEvent> {
  const totals = new Map<string, number>()
  // Whole-cluster tests share the machine's ports, cgroups and tables, so they run one file at a time.
  const fast = only.filter(path => !isWhole(path))
  const whole = only.filter(isWhole)
  const phases = only.length
    ? [phase(fast, 2), phase(whole, 1)]
    : [phase(globSync(['src/**/*.test.ts', 'test/{house,fuzz,library}/*.test.ts']), 2), phase(globSync('test/cluster/*.test.ts'), 1)]
  for (const events of phases) {
    for await (const event of events) {
      if (event.type === 'test:fail') process.exitCode = 1
      const [, name, value] =
        (event.type === 'test:diagnostic' &&
          /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/.exec(event.data.message ?? '')) ||
        []
      if (name === undefined || event.data.nesting !== 0) yield event
      else totals.set(name, (totals.get(name) ?? 0) + Number(value))
    }
  }
  const real = countRealContainerTests()
  if (real === 0 && canRunContainers && (only.length === 0 || whole.length > 0)) {
    console.log('\nNo test ran a real container, so nothing here shows that Proa works on a node: this run has failed.')
    process.exitCode = 1
  }
  yield diagnostic(`tests that ran real containers: ${real}`)
  for (const [name, value] of totals) yield diagnostic(`${name} ${value}`)
}

function isWhole(path: string): boolean {
  return path.includes('/test/cluster/')
}

function diagnostic(message: string): TestEvent {
  return { type: 'test:diagnostic', data: { message, nesting: 0 } }
}

function phase(files: readonly string[], concurrency: number): AsyncIterable<TestEvent> | TestEvent[] {
  if (files.length === 0) return []
  return run({ files: [...files].sort(), concurrency, timeout: testLimit_ms }) as unknown as AsyncIterable<TestEvent>
}

function countRealContainerTests(): number {
  const path = process.env.PROA_REAL_CONTAINER_NOTES as string
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).length : 0
}

function typeCheck(): void {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' })
  if (status === 0) return
  console.error('The type check failed; no test was run.')
  process.exit(1)
}

async function prepareMachine(): Promise<void> {
  // Tests of the containerd client make their image from busybox; those of the journal look whether it syncs.
  const forTests = [...(existsSync('/bin/busybox') ? [] : ['busybox-static']), ...(findBinary('strace') ? [] : ['strace'])]
  const missing = [...new Set([...missingPackages().map(one => one.package), ...forTests])]
  if (missing.length === 0) return
  console.log(`Installing what a node and the tests are made of: ${missing.join(', ')}`)
  await installPackages(missing, AbortSignal.timeout(300_000))
}
