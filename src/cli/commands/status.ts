import { findDataDirectory } from '../../cluster/lifecycle/instance.ts'
import { readStatus } from '../../cluster/lifecycle/status.ts'
import type { Command } from '../command.ts'
import { dataDirectoryFlag, nameFlag, nameOf, refusePositional } from './common.ts'

export const statusCommand: Command = {
  name: 'status',
  summary: 'Say what runs, where, and how to reach it.',
  usage: 'proa status [-o json] [flags]',
  description:
    'Says whether a cluster runs, its addresses, its nodes and its processes. The exit code is 0 when it runs, 1 when it does not.',
  flags: [
    nameFlag,
    dataDirectoryFlag,
    { name: 'output', short: 'o', type: 'string', choices: ['json', 'text'], description: 'How to print.' },
  ],
  examples: ['proa status', 'proa status -o json'],
  async run(invocation) {
    refusePositional(invocation)
    const name = nameOf(invocation)
    const status = await readStatus(name, findDataDirectory(name, invocation.flags['data-dir'] as string | undefined))
    if (invocation.flags.output === 'json') invocation.output.print(JSON.stringify(status, undefined, 2))
    else invocation.output.print(formatStatus(status))
    return status.state === 'running' ? 0 : 1
  },
}

function formatStatus(status: Awaited<ReturnType<typeof readStatus>>): string {
  if (status.state === 'absent') return `cluster ${status.name}: there is none`
  return [
    `cluster ${status.name}: ${status.state}`,
    `  version      ${status.version}`,
    `  API          ${status.apiAddress}`,
    `  kubeconfig   ${status.kubeconfig} (context ${status.name})`,
    `  data         ${status.dataDirectory}`,
    ...(status.nodes ?? []).map(node => `  node         ${node.name}: ${node.ready ? 'Ready' : 'NotReady'}`),
    ...status.processes.map(process => `  process      ${process.component} (${process.pid})`),
  ].join('\n')
}
