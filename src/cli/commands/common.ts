import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ApiServerSettings, apiServerFlags } from '../../cluster/api-server-settings.ts'
import { type ClusterConfiguration, clusterPaths, defaultName, validateName } from '../../cluster/configuration.ts'
import { findDataDirectory, readConfiguration } from '../../cluster/lifecycle/instance.ts'
import { CommandFailure, type Invocation } from '../command.ts'
import { type FlagDefinition, UsageError } from '../flags.ts'

export const nameFlag: FlagDefinition = {
  name: 'name',
  type: 'string',
  value: 'NAME',
  description: `Which cluster (default "${defaultName}").`,
}
export const dataDirectoryFlag: FlagDefinition = {
  name: 'data-dir',
  type: 'string',
  value: 'DIRECTORY',
  description: 'Where the cluster keeps its data (default /var/lib/proa/NAME).',
}

/** Upstream's flags of the API server. */
export const settingFlags: readonly FlagDefinition[] = apiServerFlags.map(({ key: _key, ...definition }) => definition)

/** What these flags say; paths become absolute, since the server works elsewhere. */
export function settingsOf({ flags }: Invocation): ApiServerSettings {
  const given = apiServerFlags.flatMap(({ name, key, value: kind }) => {
    const value = flags[name]
    if (value === undefined) return []
    const isPath = kind === 'FILE' && value !== '' && value !== '-'
    return [[key, isPath ? resolve(String(value)) : value] as const]
  })
  return Object.fromEntries(given)
}

export function nameOf(invocation: Invocation): string {
  const name = (invocation.flags.name as string | undefined) ?? defaultName
  const trouble = validateName(name)
  if (trouble) throw new UsageError(trouble)
  return name
}

export function refusePositional(invocation: Invocation): void {
  const [word] = invocation.positional
  if (word !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(word)}`)
}

/** The configuration of a cluster that was started before. */
export function existingConfiguration(invocation: Invocation): ClusterConfiguration {
  const name = nameOf(invocation)
  const configuration = readConfiguration(findDataDirectory(name, invocation.flags['data-dir'] as string | undefined))
  if (configuration) return configuration
  throw new CommandFailure(
    `find cluster ${JSON.stringify(name)}`,
    'there is none',
    `start it with \`proa up${name === defaultName ? '' : ` --name ${name}`}\``,
  )
}

export const pathsOf = (configuration: ClusterConfiguration) => clusterPaths(configuration.name, configuration.dataDirectory)

/** Where kubectl looks: the first file of KUBECONFIG, or ~/.kube/config. */
export function defaultKubeconfig(environment: Invocation['environment']): string {
  const fromEnvironment = environment.KUBECONFIG?.split(':').find(Boolean)
  return fromEnvironment ?? join(environment.HOME ?? homedir(), '.kube', 'config')
}
