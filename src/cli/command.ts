import type { FlagDefinition, ParsedFlags } from './flags.ts'

/** One command of `proa`. The list in `main.ts` is all there is. */
export interface Command {
  readonly name: string
  /** One line for `proa --help`. */
  readonly summary: string
  readonly usage: string
  readonly description: string
  readonly flags: readonly FlagDefinition[]
  readonly examples: readonly string[]
  /** Everything after the command's name goes to another program as it is. */
  readonly passThrough?: boolean
  /** Resolves with the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>
}

export interface Invocation extends ParsedFlags {
  readonly output: Output
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborts on an interrupt from the keyboard. */
  readonly signal: AbortSignal
}

export interface Output {
  /** The answer of the command. */
  print(text: string): void
  /** Advice: to stderr, so that answers can be piped. */
  note(text: string): void
  /** What is being done now. */
  progress(text: string): void
}

/** A failure that names the step, the reason and the remedy. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly remedy: string
  constructor(step: string, reason: string, remedy: string) {
    super(`${step}: ${reason}`)
    this.remedy = remedy
  }
}

export function formatHelp(command: Command): string {
  const flags = command.flags.map(flag => {
    const head = `${flag.short ? `-${flag.short}, ` : ''}--${flag.name}${flag.type === 'boolean' ? '' : ` ${flag.choices?.join('|') ?? flag.value ?? 'VALUE'}`}`
    return `  ${head.padEnd(34)} ${flag.description}`
  })
  return [
    command.description,
    '',
    'Usage:',
    `  ${command.usage}`,
    ...(flags.length ? ['', 'Flags:', ...flags] : []),
    '',
    'Examples:',
    ...command.examples.map(example => `  ${example}`),
    '',
  ].join('\n')
}
