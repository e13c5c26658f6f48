/** What runs as a process or thread of its own: each is one entry, a source file in development and a bundle in use. */
const entries = {
  server: { source: './processes/server.ts', bundle: 'server.js' },
  agent: { source: './processes/agent.ts', bundle: 'agent.js' },
  'journal-thread': { source: '../storage/journal/thread.ts', bundle: 'journal-thread.js' },
  'yaml-thread': { source: '../apiserver/yaml/thread.ts', bundle: 'yaml-thread.js' },
  'dns-thread': { source: '../network/dns/thread.ts', bundle: 'dns-thread.js' },
  supervisor: { source: './lifecycle/supervisor.sh', bundle: 'supervisor.sh' },
} as const

export type EntryName = keyof typeof entries

declare const PROA_BUNDLED: boolean | undefined

/** Where an entry lies, in source and in bundled mode. */
export function entryUrl(name: EntryName): URL {
  if (typeof PROA_BUNDLED === 'undefined') return new URL(entries[name].source, import.meta.url)
  // Shared code of bundles lies in a folder below the entries.
  const root = import.meta.url.includes('/chunks/') ? '../' : './'
  return new URL(root + entries[name].bundle, import.meta.url)
}
