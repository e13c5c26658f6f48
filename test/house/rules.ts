import { dirname, join, relative } from 'node:path'

/** The rules of the house, as pure functions over a file's path and text. */

/** Which rooms a room may import from; a room may always import itself. Packages and Node's modules are free. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  base: [],
  apimachinery: ['base'],
  apis: ['apimachinery', 'base'],
  storage: ['base'],
  apiserver: ['base', 'apimachinery', 'apis', 'storage'],
  client: ['base', 'apimachinery', 'apis'],
  controllers: ['base', 'apimachinery', 'apis', 'client'],
  scheduler: ['base', 'apimachinery', 'apis', 'client'],
  kubelet: ['base', 'apimachinery', 'apis', 'client'],
  network: ['base', 'apimachinery', 'apis', 'client'],
  simulation: ['base', 'apimachinery', 'apis', 'client', 'kubelet'],
  cluster: [
    'base',
    'apimachinery',
    'apis',
    'storage',
    'apiserver',
    'client',
    'controllers',
    'scheduler',
    'kubelet',
    'network',
    'simulation',
  ],
  kubectl: ['base', 'apimachinery', 'apis', 'client'],
  cli: ['base', 'apimachinery', 'cluster', 'kubectl'],
  // The library's front door.
  'index.ts': ['cluster', 'client', 'apis', 'apimachinery'],
}

export interface Violation {
  readonly file: string
  readonly line: number
  readonly rule: string
}

/** `file` is relative to `src`. */
export function checkImports(file: string, text: string): Violation[] {
  if (isOfTests(file)) return []
  const room = file.split('/')[0] as string
  const allowed = allowedImports[room]
  const violations: Violation[] = []
  if (!allowed) return [{ file, line: 1, rule: `src/${room} is no room of the house` }]
  for (const { line, specifier } of importsOf(text)) {
    if (!specifier.startsWith('.')) continue
    const target = relative('.', join(dirname(file), specifier)).split('/')[0] as string
    if (target !== room && !allowed.includes(target))
      violations.push({ file, line, rule: `${room} may not import ${target} (${specifier})` })
  }
  return violations
}

/** Tests, and what only tests use, may wire more rooms together. */
const isOfTests = (file: string): boolean => /\.test\.ts$|test-support|\/testing\//.test(file)

function* importsOf(text: string): Generator<{ line: number; specifier: string }> {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g
  for (const match of text.matchAll(pattern)) yield { line: lineAt(text, match.index), specifier: match[1] as string }
}

/** Time and randomness come in through parameters, so that a whole control plane can run on a virtual clock. */
const ambient =
  /(?<![.\w'])(setTimeout|setImmediate|setInterval)\(|\bDate\.now\(|\bMath\.random\(|\b(randomBytes|randomUUID|randomInt|getRandomValues)\(/g

export function checkAmbientTime(file: string, text: string): Violation[] {
  if (file.startsWith('base/') || isOfTests(file)) return []
  return [...withoutComments(text).matchAll(ambient)].map(match => ({
    file,
    line: lineAt(text, match.index),
    rule: `${match[0].replace('(', '')} outside base: take a Clock or a Random`,
  }))
}

/** Library code belongs to a cluster value that ends with close(); only the command line and process entries own the process. */
export function checkProcessOwnership(file: string, text: string): Violation[] {
  if (file.startsWith('cli/') || file.startsWith('cluster/processes/') || file.endsWith('.test.ts') || file.includes('test-support'))
    return []
  return [...withoutComments(text).matchAll(/\bprocess\.(exit\(|on\('SIG|once\('SIG)/g)].map(match => ({
    file,
    line: lineAt(text, match.index),
    rule: 'process.exit and signal handlers belong to the process entries',
  }))
}

// Same length and lines, so that positions stay true.
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, comment => comment.replace(/[^\n]/g, ' '))

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
