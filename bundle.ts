import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Makes the bundles: one entry each for what runs as a process or thread of its own, with shared chunks. */
const root = import.meta.dirname
const target = join(root, 'dist')
// Made aside and put in place at the end: others may be starting from the old ones, or making the same.
const outdir = join(root, '.cache', `dist-${process.pid}`)
const began = new Date()
mkdirSync(join(root, '.cache'), { recursive: true })
/**
 * Importing one of Node's own modules as an ES module reads every export of it, and that loads what hides behind lazy ones:
 * `node:http` brings all of fetch along. Taken from the process instead, a module is just there, and its lazy exports stay so.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin', sideEffects: false }))
    onLoad({ filter: /./, namespace: 'builtin' }, async ({ path }) => {
      const exports: Record<string, unknown> = process.getBuiltinModule(path) as never
      const eager = Object.entries(Object.getOwnPropertyDescriptors(exports)).filter(([name, { get }]) => !get && /^[A-Za-z_$][\w$]*$/.test(name))
      const names = eager.map(([name]) => name).filter(name => name !== 'default')
      const lines = names.map(name => `export const ${name} = /* @__PURE__ */ take(${JSON.stringify(name)})`)
      const source = `const all = process.getBuiltinModule(${JSON.stringify(path)}); const take = name => all[name]\nexport default all\n`
      return { contents: source + lines.join('\n') }
    })
  },
}
await build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    cli: 'src/cli/main.ts',
    server: 'src/cluster/processes/server.ts',
    agent: 'src/cluster/processes/agent.ts',
    'journal-thread': 'src/storage/journal/thread.ts',
    'yaml-thread': 'src/apiserver/yaml/thread.ts',
    'dns-thread': 'src/network/dns/thread.ts',
  },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Identifiers stay: they name functions and classes in stack traces, and restoring names at run time costs each closure.
  minifyWhitespace: true,
  minifySyntax: true,
  // ES modules where a package has both: its CommonJS form would put everything below `default`.
  mainFields: ['module', 'main'],
  plugins: [builtins],
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  define: { PROA_BUNDLED: 'true' },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: { js: "import { createRequire as proaCreateRequire } from 'node:module'; const require = proaCreateRequire(import.meta.url);" },
})
copyFileSync(join(root, 'src/cluster/lifecycle/supervisor.sh'), join(outdir, 'supervisor.sh'))
chmodSync(join(outdir, 'supervisor.sh'), 0o755)
const made = join(outdir, '.made')
writeFileSync(made, '')
// A source that changes meanwhile is newer than this.
utimesSync(made, began, began)
const old = `${outdir}-old`
rename(target, old)
// If another has put its own there in the meantime, that is as good.
if (!rename(outdir, target)) rmSync(outdir, { recursive: true })
rmSync(old, { recursive: true, force: true })

function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return false
  }
}
