import { proaVersion, versionInfo } from '../../cluster/version.ts'
import type { Command } from '../command.ts'
import { nameFlag, refusePositional } from './common.ts'

export const versionCommand: Command = {
  name: 'version',
  summary: 'Print the versions of Proa and of the API it serves.',
  usage: 'proa version [-o json]',
  description: 'Prints the versions of Proa and of the Kubernetes API that it serves.',
  flags: [nameFlag, { name: 'output', short: 'o', type: 'string', choices: ['json', 'text'], description: 'How to print.' }],
  examples: ['proa version', 'proa version -o json'],
  async run(invocation) {
    refusePositional(invocation)
    const { gitVersion } = versionInfo()
    if (invocation.flags.output === 'json')
      invocation.output.print(JSON.stringify({ proa: proaVersion, kubernetes: gitVersion, node: process.version }))
    else invocation.output.print(`proa ${proaVersion}, Kubernetes API ${gitVersion}, Node ${process.version}`)
    return 0
  },
}
