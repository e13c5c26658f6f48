import { readConfiguration } from '../lifecycle/instance.ts'
import { hasUnits } from '../lifecycle/systemd.ts'
import { runServer } from './server-process.ts'

/** The server's process: API server, controllers and scheduler of one cluster. Argument: the data directory. */
const configuration = readConfiguration(process.argv[2] ?? '')
if (!configuration) throw new Error(`start the server: no cluster in ${process.argv[2]}`)
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
await runServer(configuration, stop.signal, { seesToSupervisors: !hasUnits(configuration.name) })
process.exit(0)
