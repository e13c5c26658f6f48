import { readConfiguration } from '../lifecycle/instance.ts'
import { runAgent } from './agent-process.ts'

/** The agent's process: kubelet, service proxy and DNS of one node. Argument: the data directory. */
const configuration = readConfiguration(process.argv[2] ?? '')
if (!configuration) throw new Error(`start the agent: no cluster in ${process.argv[2]}`)
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
await runAgent(configuration, stop.signal)
process.exit(0)
