import { closeSync, existsSync, openSync, readSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { components } from '../../cluster/lifecycle/processes.ts'
import type { Command, Output } from '../command.ts'
import { suggestion, UsageError } from '../flags.ts'
import { dataDirectoryFlag, existingConfiguration, nameFlag, pathsOf } from './common.ts'

export const logsCommand: Command = {
  name: 'logs',
  summary: 'Print what a component of the cluster logged.',
  usage: 'proa logs [COMPONENT] [-f] [flags]',
  description: `Prints the log of a component (${components.join(', ')}); without one, of all.`,
  flags: [nameFlag, dataDirectoryFlag, { name: 'follow', short: 'f', type: 'boolean', description: 'Go on with what comes.' }],
  examples: ['proa logs', 'proa logs server -f'],
  async run(invocation) {
    const [asked, extra] = invocation.positional
    if (extra !== undefined) throw new UsageError(`one component at a time: ${JSON.stringify(extra)} is one too many`)
    if (asked !== undefined && !(components as readonly string[]).includes(asked))
      throw new UsageError(
        `unknown component ${JSON.stringify(asked)}${suggestion(asked, components) || `; there are ${components.join(', ')}`}`,
      )
    const { logs } = pathsOf(existingConfiguration(invocation))
    const chosen = asked === undefined ? components : [asked]
    const followed = chosen.map(component => ({
      path: join(logs, `${component}.log`),
      prefix: asked === undefined ? `${component}: ` : '',
      offset: 0,
    }))
    for (const log of followed) log.offset = printFrom(log.path, 0, log.prefix, invocation.output)
    if (!invocation.flags.follow) return 0
    return new Promise(resolve => {
      const watcher = watch(logs, () => {
        for (const log of followed) log.offset = printFrom(log.path, log.offset, log.prefix, invocation.output)
      })
      invocation.signal.addEventListener('abort', () => {
        watcher.close()
        resolve(0)
      })
    })
  },
}

/** Prints whole lines from `offset` on and answers where to go on; a file that shrank was rotated and starts again. */
function printFrom(path: string, offset: number, prefix: string, output: Output): number {
  if (!existsSync(path)) return 0
  const size = statSync(path).size
  const start = size < offset ? 0 : offset
  if (size === start) return size
  const file = openSync(path, 'r')
  const bytes = Buffer.alloc(size - start)
  const count = readSync(file, bytes, 0, bytes.length, start)
  closeSync(file)
  const text = bytes.subarray(0, count).toString('utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end > 0) output.print(prefix ? text.slice(0, end).replace(/^(?=.)/gm, prefix) : text.slice(0, end))
  return start + Buffer.byteLength(text.slice(0, end))
}
