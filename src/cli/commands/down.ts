import { existsSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import { clusterPaths } from '../../cluster/configuration.ts'
import { purgeInstance, stopInstance } from '../../cluster/lifecycle/down.ts'
import { findDataDirectory, readConfiguration } from '../../cluster/lifecycle/instance.ts'
import { removeClusterContext } from '../../cluster/lifecycle/kubeconfig.ts'
import type { Command } from '../command.ts'
import { dataDirectoryFlag, nameFlag, nameOf, refusePositional } from './common.ts'

export const downCommand: Command = {
  name: 'down',
  summary: 'Stop a cluster; with --purge, remove everything of it.',
  usage: 'proa down [--purge] [flags]',
  description:
    'Stops a cluster: containers end gracefully, all objects are kept for the next `proa up`.\nWith --purge nothing of it is left on the machine.',
  flags: [nameFlag, dataDirectoryFlag, { name: 'purge', type: 'boolean', description: 'Also remove all data and the kubeconfig context.' }],
  examples: ['proa down', 'proa down --purge', 'proa down --name second'],
  async run(invocation) {
    refusePositional(invocation)
    const { output, flags } = invocation
    const name = nameOf(invocation)
    const dataDirectory = findDataDirectory(name, flags['data-dir'] as string | undefined)
    const configuration = readConfiguration(dataDirectory)
    const { run } = clusterPaths(name, dataDirectory)
    if (!configuration && !existsSync(run)) {
      output.print(`there is no cluster ${name}`)
      return 0
    }
    // Somebody may have removed the data of a cluster that runs; its processes must go all the same.
    const options = { configuration: configuration ?? { name, dataDirectory }, clock: systemClock(), onStage: output.progress }
    if (!flags.purge) {
      await stopInstance(options)
      output.print(`cluster ${name} is stopped; \`proa up\` brings it back`)
      return 0
    }
    await purgeInstance(options)
    if (configuration) await removeClusterContext(configuration)
    output.print(`cluster ${name} is gone`)
    return 0
  },
}
