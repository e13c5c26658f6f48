import { join } from 'node:path'
import type { HostAccess } from '../host/types.ts'
import { annotations, type ContainerStatus } from '../runtime/types.ts'

const maximum_bytes = 4096
const logMaximum_bytes = 2048
const logMaximum_lines = 80

/** The file on the machine that a container sees at its terminationMessagePath. */
export const terminationMessageFile = (podDirectory: string, name: string, attempt: number): string =>
  join(podDirectory, 'containers', name, String(attempt))

/** A container's last words: what it wrote to that file, or the end of its log where its policy says so and it failed. */
export async function readTerminationMessage(host: HostAccess, podDirectory: string, status: ContainerStatus): Promise<string> {
  const written = await host.readFile(terminationMessageFile(podDirectory, status.name, status.attempt))
  if (written?.length) return Buffer.from(written.subarray(0, maximum_bytes)).toString('utf8')
  const wantsLog = status.annotations[annotations.terminationMessagePolicy] === 'FallbackToLogsOnError' && status.exitCode !== 0
  if (!wantsLog || !status.logPath) return ''
  const tail = await host.readTail(status.logPath, logMaximum_bytes * 4)
  return tail ? lastLines(Buffer.from(tail).toString('utf8')) : ''
}

/** The text of CRI log lines (`time stream flag text`), as much of the end as may be shown. */
function lastLines(log: string): string {
  const lines = log.split('\n').filter(line => /^\S+ (stdout|stderr) [FP] ?/.test(line))
  const texts = lines.slice(-logMaximum_lines).map(line => {
    const [, , flag] = line.split(' ', 3)
    return line.replace(/^\S+ \S+ \S+ ?/, '') + (flag === 'F' ? '\n' : '')
  })
  return Buffer.from(texts.join('')).subarray(-logMaximum_bytes).toString('utf8')
}
