import { spawn } from 'node:child_process'

/** The part of nftables that the proxy needs; the fake beside it checks as strictly as the kernel. */
export interface Nft {
  /** Applies commands as one transaction: all of them or none. */
  apply(commands: string): Promise<void>
  hasTable(table: string): Promise<boolean>
}

/** The real one: `nft` of this machine, in this process's network namespace unless `command` enters another. */
export function systemNft(command: readonly string[] = ['nft']): Nft {
  const run = (args: readonly string[], input: string): Promise<Outcome> => runCommand([...command, ...args], input)
  return {
    async apply(commands) {
      const { code, stderr } = await run(['-f', '-'], commands)
      if (code !== 0) throw new Error(`apply a transaction of ${commands.length} bytes with nft: ${firstLines(stderr)}`)
    },
    async hasTable(table) {
      // Any listing reads all elements of all tables, half a second where there are many. A chain that is there is not
      // made again, and none is made without its table.
      const { code, stderr } = await run(['-f', '-'], `add chain inet ${table} services\n`)
      if (code === 0) return true
      if (stderr.includes('No such file or directory')) return false
      throw new Error(`look for table ${table} with nft: ${firstLines(stderr)}`)
    },
  }
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; rejects only if it can't be started. */
export function runCommand(command: readonly string[], input: string): Promise<Outcome> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', error => reject(new Error(`run ${program}: ${error.message}`, { cause: error })))
    child.once('close', code => resolve({ code, stdout, stderr }))
    // A program that ends early closes its input; its exit code tells why.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

const firstLines = (text: string): string => text.trim().split('\n').slice(0, 4).join(' ').slice(0, 500)
