import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { importImages, listImages } from '../../cluster/lifecycle/images.ts'
import { type Command, CommandFailure, type Invocation } from '../command.ts'
import { suggestion, UsageError } from '../flags.ts'
import { dataDirectoryFlag, existingConfiguration, nameFlag } from './common.ts'

export const imageCommand: Command = {
  name: 'image',
  summary: 'Load images into a cluster, or list them.',
  usage: 'proa image load FILE.tar | proa image ls',
  description: 'Loads an archive of images (as `docker save` or OCI tools write them) into the cluster, or lists its images.',
  flags: [nameFlag, dataDirectoryFlag],
  examples: ['docker save my-app:dev -o my-app.tar && proa image load my-app.tar', 'proa image ls'],
  async run(invocation) {
    const [action, ...words] = invocation.positional
    if (action === 'load') return load(invocation, words)
    if (action === 'ls' && words.length === 0) return list(invocation)
    throw new UsageError(
      action === undefined ? 'say load or ls' : `unknown action ${JSON.stringify(action)}${suggestion(action, ['load', 'ls'])}`,
    )
  },
}

async function load(invocation: Invocation, files: readonly string[]): Promise<number> {
  if (files.length === 0) throw new UsageError('which archive? `proa image load FILE.tar`')
  const configuration = realCluster(invocation)
  for (const file of files) {
    if (!existsSync(file)) throw new CommandFailure(`load ${file}`, 'there is no such file', 'check the path')
    for (const name of await importImages(configuration, resolve(file))) invocation.output.print(`loaded ${name}`)
  }
  return 0
}

async function list(invocation: Invocation): Promise<number> {
  const images = await listImages(realCluster(invocation))
  const rows = images.flatMap(image =>
    (image.tags.length ? image.tags : image.digests).map(name => [
      name,
      image.id.replace('sha256:', '').slice(0, 12),
      formatSize(image.size_bytes),
    ]),
  )
  const width = Math.max(5, ...rows.map(([name]) => (name as string).length))
  invocation.output.print(`${'IMAGE'.padEnd(width)}  ID            SIZE`)
  for (const [name, id, size] of rows.sort()) invocation.output.print(`${(name as string).padEnd(width)}  ${id}  ${size}`)
  return 0
}

function realCluster(invocation: Invocation) {
  const configuration = existingConfiguration(invocation)
  if (configuration.runtime === 'containerd') return configuration
  throw new CommandFailure('use images', 'the nodes of this cluster are simulated', 'start a cluster with --runtime containerd')
}

const formatSize = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
