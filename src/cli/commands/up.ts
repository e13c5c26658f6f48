import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import type { ApiServerSettings } from '../../cluster/api-server-settings.ts'
import { findDataDirectory, prepareConfiguration, readConfiguration } from '../../cluster/lifecycle/instance.ts'
import { addClusterContext } from '../../cluster/lifecycle/kubeconfig.ts'
import { componentsOf, listProcesses } from '../../cluster/lifecycle/processes.ts'
import { hasUnits } from '../../cluster/lifecycle/systemd.ts'
import { readyFile, startInstance } from '../../cluster/lifecycle/up.ts'
import { readPkiUser } from '../../cluster/pki.ts'
import { installPackages, type MissingPackage, missingPackages } from '../../cluster/setup/packages.ts'
import { type Command, CommandFailure, type Invocation } from '../command.ts'
import { dataDirectoryFlag, defaultKubeconfig, nameFlag, nameOf, pathsOf, refusePositional, settingFlags, settingsOf } from './common.ts'

export const upCommand: Command = {
  name: 'up',
  summary: 'Start a cluster (or do nothing if it runs).',
  usage: 'proa up [flags]',
  description:
    'Starts a one-node cluster in the background and returns when its API answers and its node is Ready.\nA cluster that ran before comes back with all its objects.',
  flags: [
    nameFlag,
    { name: 'yes', short: 'y', type: 'boolean', description: 'Install missing system packages without asking.' },
    dataDirectoryFlag,
    {
      name: 'kubeconfig',
      type: 'string',
      value: 'FILE',
      description: 'Write the kubeconfig there instead of merging it into ~/.kube/config.',
    },
    {
      name: 'runtime',
      type: 'string',
      choices: ['containerd', 'simulated'],
      description: 'Real containers, or nodes that only pretend (default containerd).',
    },
    { name: 'simulated-nodes', type: 'number', value: 'N', description: 'How many nodes to simulate; implies --runtime simulated.' },
    ...settingFlags,
  ],
  examples: ['proa up', 'proa up --name second --kubeconfig ./second.kubeconfig', 'proa up --simulated-nodes 50'],
  async run(invocation) {
    refusePositional(invocation)
    const { output, flags, signal } = invocation
    const clock = systemClock()
    const began = clock.monotonic()
    const name = nameOf(invocation)
    const runtime = chooseRuntime(invocation)
    refuseOtherNodes(invocation, name)
    const configuration = await prepareConfiguration(
      {
        name,
        dataDirectory: flags['data-dir'] as string | undefined,
        kubeconfig: flags.kubeconfig as string | undefined,
        runtime,
        simulatedNodes: flags['simulated-nodes'] as number | undefined,
        apiServer: settingsOf(invocation),
      },
      defaultKubeconfig(invocation.environment),
      systemRandom(),
    )
    if (configuration.runtime === 'containerd') await ensurePackages(invocation)
    const { run, pki } = pathsOf(configuration)
    const already = isUp(name, run, componentsOf(configuration))
    if (!already) await startInstance({ configuration, clock, signal, onStage: output.progress })
    const { authority, ...admin } = readPkiUser(pki, 'admin')
    await addClusterContext(configuration, { authority, admin })
    if (already) output.print(`cluster ${name} is running already: https://127.0.0.1:${configuration.apiPort}`)
    else
      output.print(
        `cluster ${name} is ready after ${((clock.monotonic() - began) / 1000).toFixed(2)} s: https://127.0.0.1:${configuration.apiPort}`,
      )
    if (configuration.runtime === 'simulated') output.note('Its nodes are simulated: pods go through their states, but no container runs.')
    output.note(`Use it: kubectl --kubeconfig ${configuration.kubeconfig} --context ${name} get nodes`)
    return 0
  },
}

/** What kind of nodes a cluster has is settled when it starts: a running one would have to lose its pods. */
function refuseOtherNodes(invocation: Invocation, name: string): void {
  const { flags } = invocation
  const existing = readConfiguration(findDataDirectory(name, flags['data-dir'] as string | undefined))
  if (!existing || listProcesses(pathsOf(existing).run).length === 0) return
  const changed = Object.entries(settingsOf(invocation)).find(
    ([key, value]) => (existing.apiServer?.[key as keyof ApiServerSettings] ?? '') !== value,
  )
  if (changed)
    throw new CommandFailure(
      `start cluster ${name}`,
      'it runs already, with other settings of its API server',
      'stop it first with `proa down`, then start it with the new ones',
    )
  const runtime = flags['simulated-nodes'] === undefined ? (flags.runtime ?? existing.runtime) : 'simulated'
  const nodes = flags['simulated-nodes'] ?? existing.simulatedNodes
  if (runtime === existing.runtime && nodes === existing.simulatedNodes) return
  const has = existing.runtime === 'containerd' ? 'real containers' : `${Math.max(1, existing.simulatedNodes)} simulated nodes`
  throw new CommandFailure(
    `start cluster ${name}`,
    `it runs already, with ${has}`,
    'stop it first with `proa down`, or choose another --name',
  )
}

/** Real containers need Linux and root; elsewhere nodes are simulated, and that is said. */
function chooseRuntime(invocation: Invocation): 'containerd' | 'simulated' | undefined {
  const asked = invocation.flags.runtime as 'containerd' | 'simulated' | undefined
  const possible = process.platform === 'linux' && process.getuid?.() === 0
  if (asked === 'containerd' && !possible)
    throw new CommandFailure('start with real containers', 'that needs Linux and root', 'run it as root, or use --runtime simulated')
  if (asked || possible) return asked
  invocation.output.note('Without Linux and root no containers can run: nodes are simulated.')
  return 'simulated'
}

function isUp(name: string, run: string, components: readonly string[]): boolean {
  if (existsSync(join(run, 'stopping'))) return false
  const running = new Set(listProcesses(run).map(process => process.component))
  return components.every(
    component =>
      running.has(component) &&
      (hasUnits(name) || running.has(`supervisor-${component}`)) &&
      (component === 'containerd' || existsSync(readyFile(run, component))),
  )
}

async function ensurePackages(invocation: Invocation): Promise<void> {
  const missing = missingPackages()
  if (missing.length === 0) return
  const names = [...new Set(missing.map(one => one.package))]
  invocation.output.note('This machine lacks what a node is made of:')
  for (const one of missing) invocation.output.note(`  ${one.what} (package ${one.package})`)
  await askToInstall(invocation, missing)
  invocation.output.progress(`installing ${names.join(', ')}`)
  await installPackages(names, invocation.signal)
}

/** Asks on a terminal; where nobody can answer, having run `up` is the answer. */
async function askToInstall(invocation: Invocation, missing: readonly MissingPackage[]): Promise<void> {
  if (invocation.flags.yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await reader.question(`Install ${missing.length === 1 ? 'it' : 'them'} now? [Y/n] `, { signal: invocation.signal })
  reader.close()
  if (/^(y|yes|)$/i.test(answer.trim())) return
  throw new CommandFailure('set up the machine', 'packages are missing', 'install them yourself, answer yes, or use --runtime simulated')
}
