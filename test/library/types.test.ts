import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { repository, runProgram } from '../support/real-cluster.ts'

const compiler = join(repository, 'node_modules/typescript/bin/tsc')
const compile = (...words: string[]) => runProgram(process.execPath, [compiler, ...words])

const consumer = `
import { podKind, startCluster } from 'proa'
const cluster = await startCluster({ nodes: 2 })
const pod = await cluster.client.get(podKind, 'default', 'a')
export const image: string | undefined = pod.spec?.containers[0]?.image
// @ts-expect-error: a name that is not an option is found before anything runs.
await startCluster({ node: 2 })
// @ts-expect-error: so is a field that pods don't have.
await cluster.client.create(podKind, { metadata: { name: 'a' }, spec: { container: [] } })
`

it('who imports the package gets its types', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'proa-types-'))
  try {
    const made = await compile('-p', join(repository, 'tsconfig.types.json'), '--outDir', join(directory, 'types'))
    assert.equal(made.status, 0, made.stdout)
    writeFileSync(join(directory, 'use.ts'), consumer)
    const options = { strict: true, noEmit: true, target: 'esnext', module: 'nodenext', types: ['node'], skipLibCheck: true }
    const compilerOptions = {
      ...options,
      typeRoots: [join(repository, 'node_modules/@types')],
      paths: { proa: [join(directory, 'types/index.d.ts')] },
    }
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
    const used = await compile('-p', directory)
    assert.equal(used.status, 0, used.stdout)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
