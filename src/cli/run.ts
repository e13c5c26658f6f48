import { type Command, CommandFailure, formatHelp, type Output } from './command.ts'
import { downCommand } from './commands/down.ts'
import { agentCommand, serverCommand } from './commands/foreground.ts'
import { imageCommand } from './commands/image.ts'
import { kubectlCommand } from './commands/kubectl.ts'
import { logsCommand } from './commands/logs.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { versionCommand } from './commands/version.ts'
import { parseFlags, suggestion, UsageError } from './flags.ts'

const commands: readonly Command[] = [
  upCommand,
  downCommand,
  statusCommand,
  logsCommand,
  kubectlCommand,
  imageCommand,
  serverCommand,
  agentCommand,
  versionCommand,
]

/** Runs one command line and resolves with the exit code: 0, 1 for a failure, 2 for a mistake in the call. */
export async function runCommandLine(
  words: readonly string[],
  output: Output,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.print(overview())
    return 0
  }
  const command = commands.find(one => one.name === name)
  if (!command) {
    const names = [...commands.map(one => one.name), 'test']
    output.note(`proa: unknown command ${JSON.stringify(name)}${suggestion(name, names)}`)
    output.note('Run `proa --help` for the list of commands.')
    return 2
  }
  if (!command.passThrough && rest.some(word => word === '--help' || word === '-h')) {
    output.print(formatHelp(command))
    return 0
  }
  try {
    const parsed = command.passThrough ? { flags: {}, positional: rest } : parseFlags(command.flags, rest)
    return await command.run({ ...parsed, output, environment, signal })
  } catch (error) {
    return explain(command, error, output)
  }
}

function explain(command: Command, error: unknown, output: Output): number {
  if (error instanceof UsageError) {
    output.note(`proa ${command.name}: ${error.message}`)
    output.note(`Run \`proa ${command.name} --help\` for its flags.`)
    return 2
  }
  const message = error instanceof Error ? error.message : String(error)
  output.note(`proa ${command.name}: ${message}`)
  const remedy = error instanceof CommandFailure ? error.remedy : (error as { remedy?: unknown }).remedy
  if (typeof remedy === 'string') output.note(`What to do: ${remedy}`)
  return 1
}

function overview(): string {
  const lines = commands.map(command => `  ${command.name.padEnd(10)} ${command.summary}`)
  return [
    'Proa is a Kubernetes cluster in one command.',
    '',
    'Usage:',
    '  proa COMMAND [flags]',
    '',
    'Commands:',
    ...lines,
    `  ${'test'.padEnd(10)} Run the tests of this checkout.`,
    '',
    'Run `proa COMMAND --help` for flags and examples.',
    '',
  ].join('\n')
}
