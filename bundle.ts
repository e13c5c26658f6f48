import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Makes the bundles: one entry each for what runs as a process or thread of its own, with shared chunks. */
const root = import.meta.dirname
const outdir = join(root, 'dist')
rmSync(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    cli: 'src/cli/main.ts',
    server: 'src/cluster/processes/server.ts',
    agent: 'src/cluster/processes/agent.ts',
    'journal-thread': 'src/storage/journal/thread.ts',
    'dns-thread': 'src/network/dns/thread.ts',
  },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  keepNames: true,
  // ES modules where a package has both: its CommonJS form would put everything below `default`.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  define: { PROA_BUNDLED: 'true' },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: { js: "import { createRequire as proaCreateRequire } from 'node:module'; const require = proaCreateRequire(import.meta.url);" },
})
copyFileSync(join(root, 'src/cluster/lifecycle/supervisor.sh'), join(outdir, 'supervisor.sh'))
chmodSync(join(outdir, 'supervisor.sh'), 0o755)
writeFileSync(join(outdir, '.made'), '')
