/** A system call on one of the traced files, in the order in which the calls ended. */
export interface Call {
  readonly name: string
  readonly path: string
  readonly data: Buffer
  readonly offset: number
}

const finished = /^\d+\s+(\w+)\((.*)\)\s+= (-?\d+)/
const unfinished = /^(\d+)\s+(.*) <unfinished \.\.\.>$/
const resumed = /^(\d+)\s+<\.\.\. \w+ resumed>(.*)$/

/** Reads what `strace -f -y -xx` wrote. Calls that failed are left out: they changed nothing. */
export function parseTrace(text: string): Call[] {
  const started = new Map<string, string>()
  const calls: Call[] = []
  for (const line of text.split('\n')) {
    const begun = unfinished.exec(line)
    if (begun?.[1]) {
      started.set(begun[1], begun[2] ?? '')
      continue
    }
    const ended = resumed.exec(line)
    const whole = ended?.[1] ? `${ended[1]} ${started.get(ended[1]) ?? ''}${ended[2] ?? ''}` : line
    const match = finished.exec(whole)
    if (match && Number(match[3]) >= 0) calls.push(toCall(match[1] ?? '', match[2] ?? ''))
  }
  return calls
}

function toCall(name: string, parameters: string): Call {
  const path = fromHex(/<((?:\\x[0-9a-f]{2})+)>/.exec(parameters)?.[1] ?? '').toString()
  const data = fromHex(/"((?:\\x[0-9a-f]{2})*)"/.exec(parameters)?.[1] ?? '')
  return { name, path, data, offset: Number(/, (\d+)$/.exec(parameters)?.[1] ?? 0) }
}

const fromHex = (escaped: string): Buffer => Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
