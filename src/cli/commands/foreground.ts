import { runAgent } from '../../cluster/processes/agent-process.ts'
import { runServer } from '../../cluster/processes/server-process.ts'
import type { Command } from '../command.ts'
import { dataDirectoryFlag, existingConfiguration, nameFlag, refusePositional } from './common.ts'

export const serverCommand: Command = {
  name: 'server',
  summary: 'Run the control plane in the foreground, for a service manager.',
  usage: 'proa server [flags]',
  description:
    'Runs the API server, the controllers and the scheduler of a cluster in the foreground.\nThe cluster must have been started once with `proa up`.',
  flags: [nameFlag, dataDirectoryFlag],
  examples: ['proa server', 'proa server --name second'],
  async run(invocation) {
    refusePositional(invocation)
    await runServer(existingConfiguration(invocation), invocation.signal)
    return 0
  },
}

export const agentCommand: Command = {
  name: 'agent',
  summary: 'Run the node agent in the foreground, for a service manager.',
  usage: 'proa agent [flags]',
  description:
    'Runs the kubelet, the service proxy and the DNS server of a node in the foreground.\nThe cluster must have been started once with `proa up`.',
  flags: [nameFlag, dataDirectoryFlag],
  examples: ['proa agent', 'proa agent --name second'],
  async run(invocation) {
    refusePositional(invocation)
    await runAgent(existingConfiguration(invocation), invocation.signal)
    return 0
  },
}
