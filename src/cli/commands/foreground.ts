import { systemRandom } from '../../base/random.ts'
import { prepareConfiguration } from '../../cluster/lifecycle/instance.ts'
import { ensureContainerd } from '../../cluster/lifecycle/up.ts'
import { runAgent } from '../../cluster/processes/agent-process.ts'
import { runServer } from '../../cluster/processes/server-process.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirectoryFlag, defaultKubeconfig, nameFlag, nameOf, refusePositional, settingFlags, settingsOf } from './common.ts'

export const serverCommand: Command = {
  name: 'server',
  summary: 'Run the control plane in the foreground, for a service manager.',
  usage: 'proa server [flags]',
  description:
    'Runs the API server, the controllers and the scheduler of a cluster in the foreground.\nNothing restarts it but whoever started it.',
  flags: [nameFlag, dataDirectoryFlag, ...settingFlags],
  examples: ['proa server', 'proa server --name second'],
  async run(invocation) {
    await runServer(await configurationOf(invocation), invocation.signal, { seesToSupervisors: false })
    return 0
  },
}

export const agentCommand: Command = {
  name: 'agent',
  summary: 'Run the node agent in the foreground, for a service manager.',
  usage: 'proa agent [flags]',
  description:
    'Runs the kubelet, the service proxy and the DNS server of a node in the foreground, beside `proa server`.\ncontainerd is started in the background, where it stays: containers outlive the agent.',
  flags: [nameFlag, dataDirectoryFlag],
  examples: ['proa agent', 'proa agent --name second'],
  async run(invocation) {
    const configuration = await configurationOf(invocation)
    ensureContainerd(configuration)
    await runAgent(configuration, invocation.signal)
    return 0
  },
}

/** The remembered configuration, or that of a new cluster, as `up` makes it. */
function configurationOf(invocation: Invocation) {
  refusePositional(invocation)
  const dataDirectory = invocation.flags['data-dir'] as string | undefined
  return prepareConfiguration(
    { name: nameOf(invocation), dataDirectory, apiServer: settingsOf(invocation) },
    defaultKubeconfig(invocation.environment),
    systemRandom(),
  )
}
