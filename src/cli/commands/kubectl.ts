import { spawn } from 'node:child_process'
import { findBinary } from '../../cluster/setup/packages.ts'
import { type Command, CommandFailure } from '../command.ts'
import { existingConfiguration } from './common.ts'

export const kubectlCommand: Command = {
  name: 'kubectl',
  summary: 'Run kubectl against a cluster.',
  usage: 'proa kubectl [--name NAME] ARGUMENTS...',
  description: 'Runs the kubectl on PATH with the kubeconfig and context of a cluster.',
  flags: [],
  examples: ['proa kubectl get pods -A', 'proa kubectl --name second apply -f web.yaml'],
  passThrough: true,
  async run(invocation) {
    const { name, words } = takeName(invocation.positional)
    const configuration = existingConfiguration({ ...invocation, flags: name === undefined ? {} : { name } })
    const kubectl = findOnPath(invocation.environment.PATH) ?? findBinary('kubectl')
    if (!kubectl)
      throw new CommandFailure('run kubectl', 'there is none on PATH', 'install it (on Debian: apt-get install kubernetes-client)')
    const child = spawn(kubectl, ['--kubeconfig', configuration.kubeconfig, '--context', configuration.name, ...words], {
      stdio: 'inherit',
    })
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)))
    })
  },
}

/** `--name` is ours only in front of kubectl's own words. */
function takeName(words: readonly string[]): { name: string | undefined; words: readonly string[] } {
  if (words[0] === '--name' && words[1] !== undefined) return { name: words[1], words: words.slice(2) }
  if (words[0]?.startsWith('--name=')) return { name: words[0].slice('--name='.length), words: words.slice(1) }
  return { name: undefined, words }
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'

const findOnPath = (path = ''): string | undefined =>
  path
    .split(':')
    .filter(Boolean)
    .map(directory => join(directory, 'kubectl'))
    .find(existsSync)
