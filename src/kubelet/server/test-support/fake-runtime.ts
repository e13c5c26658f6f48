import {
  type ContainerRuntime,
  type ContainerStatus,
  type ExecRequest,
  type PortStream,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeStream,
} from '../../runtime/types.ts'

/** What a command does with its streams, in place of a process; its result is the exit code. */
export type Command = (streams: {
  readonly stdin: ReadableStream<Uint8Array>
  readonly stdout: WritableStreamDefaultWriter<Uint8Array>
  readonly stderr: WritableStreamDefaultWriter<Uint8Array>
  readonly size: Promise<{ readonly width: number; readonly height: number }>
}) => Promise<number>

export interface FakeRuntime {
  readonly runtime: ContainerRuntime
  readonly requests: { readonly kind: 'exec' | 'attach'; readonly id: string; readonly request: Partial<ExecRequest> }[]
  readonly containers: Map<string, ContainerStatus>
  /** Resolves when the server has closed the runtime's side of the last stream. */
  streamClosed(): Promise<void>
  emit(event: RuntimeEvent): void
}

/** A runtime whose commands are functions and whose ports echo. Whatever the server has no business with is refused. */
export function fakeRuntime(commands: Readonly<Record<string, Command>>): FakeRuntime {
  const requests: FakeRuntime['requests'] = []
  const containers = new Map<string, ContainerStatus>()
  let closed = Promise.withResolvers<void>()
  const readers = new Set<(event: RuntimeEvent) => void>()

  const open = (kind: 'exec' | 'attach', id: string, request: Partial<ExecRequest>): RuntimeStream => {
    requests.push({ kind, id, request })
    closed = Promise.withResolvers<void>()
    const name = request.command?.[0] ?? 'attached'
    const command = commands[name]
    if (!command) throw new RuntimeError('Unknown', `executable ${name} not found`)
    return startCommand(command, request, closed.resolve)
  }
  const known: Partial<ContainerRuntime> = {
    exec: async (id, request) => open('exec', id, request),
    attach: async (id, request) => open('attach', id, request),
    portForward: async (_, port) => echoPort(port, closed.resolve),
    containerStatus: async id => containers.get(id),
    containerStats: async () => [
      {
        id: 'c1',
        name: 'main',
        podUid: 'uid-1',
        timestamp_ms: 1000,
        cpuUsage_ns: 2.5e9,
        memoryUsage_bytes: 300,
        memoryWorkingSet_bytes: 200,
        memoryResident_bytes: 150,
      },
    ],
    imageFilesystem: async () => ({ mountpoint: '/', used_bytes: 700, inodesUsed: 7 }),
    async *events(signal) {
      const waiting: RuntimeEvent[] = []
      let wake = () => {}
      const reader = (event: RuntimeEvent) => {
        waiting.push(event)
        wake()
      }
      readers.add(reader)
      signal.addEventListener('abort', () => wake())
      while (!signal.aborted) {
        yield* waiting.splice(0)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      readers.delete(reader)
    },
  }
  const runtime = new Proxy(known, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (method === undefined) throw new Error(`the node's server has no business with ${String(name)}`)
      return method
    },
  }) as ContainerRuntime
  return {
    runtime,
    requests,
    containers,
    streamClosed: () => closed.promise,
    emit: event => {
      for (const reader of readers) reader(event)
    },
  }
}

function startCommand(command: Command, request: Partial<ExecRequest>, onClose: () => void): RuntimeStream {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 1024 })
  const pipe = () => new TransformStream<Uint8Array, Uint8Array>(undefined, strategy, strategy)
  const [stdin, stdout, stderr] = [pipe(), pipe(), pipe()]
  const size = Promise.withResolvers<{ width: number; height: number }>()
  const outputs = { stdout: stdout.writable.getWriter(), stderr: stderr.writable.getWriter() }
  const result = (async () => {
    const code = await command({ stdin: stdin.readable, ...outputs, size: size.promise })
    await Promise.all([outputs.stdout.close(), outputs.stderr.close()])
    return code === 0 ? { metadata: {}, status: 'Success' } : failure(code)
  })()
  result.catch(() => {})
  return {
    stdin: request.stdin ? stdin.writable : undefined,
    stdout: request.stdout ? stdout.readable : undefined,
    stderr: request.stderr ? stderr.readable : undefined,
    resize: (width, height) => size.resolve({ width, height }),
    result,
    close: onClose,
  }
}

const failure = (code: number) => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
})

function echoPort(port: number, onClose: () => void): PortStream {
  if (port === 9) throw new RuntimeError('Unknown', 'connection refused')
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const finished = Promise.withResolvers<string>()
  const output = readable.pipeThrough(new TransformStream({ flush: () => finished.resolve('') }))
  return { input: writable, output, error: finished.promise, close: onClose }
}
