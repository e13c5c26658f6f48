/**
 * Proa's own commands. This room parses words, calls `cluster` or `kubectl` and prints; it decides nothing about clusters.
 */
import { createOutput } from './output.ts'
import { runCommandLine } from './run.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))
process.once('SIGTERM', () => interrupt.abort(new Error('asked to end')))

// The clock's timers don't hold a process by themselves; a command that only waits must not end before its answer.
const hold = new MessageChannel()
hold.port1.ref()
process.exitCode = await runCommandLine(process.argv.slice(2), createOutput(process.stdout, process.stderr), process.env, interrupt.signal)
hold.port1.close()
