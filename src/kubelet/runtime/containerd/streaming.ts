import type { Clock } from '../../../base/index.ts'
import { dialSpdy, type SpdyConnection } from '../../server/spdy/index.ts'
import type { PortStream, RuntimeStream } from '../types.ts'

export interface StreamingOptions {
  readonly clock: Clock
  readonly timeout_ms: number
}

/** The server is containerd's own and on the loopback; its answers are bounded all the same. */
const maxStatus_bytes = 64 * 1024

/**
 * Exec and attach at containerd's streaming server, over SPDY since its WebSockets can't close stdin alone. containerd
 * itself stops reading stdin once the command has closed one of its outputs (`sh -c 'cat > file'` where the shell execs
 * cat): the rest of the input is lost there (containerd issue 13934), here as with upstream's kubelet.
 */
export async function openRemoteCommand(
  url: string,
  request: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean },
  options: StreamingOptions,
): Promise<RuntimeStream> {
  const connection = await dialSpdy(url, 'v4.channel.k8s.io', options.clock, options.timeout_ms)
  const open = (type: string, wanted = true) => (wanted ? connection.open({ streamtype: type }) : undefined)
  const error = open('error') as ReturnType<SpdyConnection['open']>
  const stdin = open('stdin', request.stdin)
  const stdout = open('stdout', request.stdout)
  const stderr = open('stderr', request.stderr)
  const resizes = open('resize', request.tty)
  await error.writable.close()
  const result = readText(error.readable).then(parseStatus)
  // Whoever only closes the stream never looks at its result.
  result.catch(() => {})
  const sizes = resizes?.writable.getWriter()
  return {
    stdin: stdin?.writable,
    stdout: stdout?.readable,
    stderr: stderr?.readable,
    resize(width, height) {
      // A size that comes after the command's end has nobody left to care.
      sizes?.write(Buffer.from(`${JSON.stringify({ Width: width, Height: height })}\n`)).catch(() => {})
    },
    result,
    close: () => connection.destroy(),
  }
}

export async function openPort(url: string, port: number, options: StreamingOptions): Promise<PortStream> {
  const connection = await dialSpdy(url, 'portforward.k8s.io', options.clock, options.timeout_ms)
  const headers = { port: String(port), requestid: '0' }
  const error = connection.open({ ...headers, streamtype: 'error' })
  const data = connection.open({ ...headers, streamtype: 'data' })
  await error.writable.close()
  const failure = readText(error.readable)
  failure.catch(() => {})
  return {
    input: data.writable,
    output: data.readable,
    error: failure,
    close: () => connection.destroy(),
  }
}

/** An empty document is what servers of the first protocols sent for success. */
const parseStatus = (text: string): unknown => (text ? JSON.parse(text) : { metadata: {}, status: 'Success' })

async function readText(readable: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of readable) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxStatus_bytes) throw new Error('the error channel carries more than an error')
  }
  return text + decoder.decode()
}
