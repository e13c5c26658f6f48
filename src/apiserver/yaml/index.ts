/**
 * Reads YAML that clients send. Reading it takes a hundred times as long as JSON, so that a text of a megabyte would hold
 * up everybody for seconds: small ones are read in place, larger ones by a thread that is there while somebody needs it.
 * In goes text, out comes a value; a text that is wrong rejects with a `DecodeError`, whoever read it.
 */
import { Worker } from 'node:worker_threads'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { limits } from '../limits.ts'
import type { Answer, Question } from './messages.ts'
import { readYaml, type YamlDocument } from './read-yaml.ts'

export interface YamlReader {
  read(text: string, findDuplicates: boolean): YamlDocument | Promise<YamlDocument>
  close(): Promise<void>
}

export interface YamlReaderOptions {
  readonly clock: Clock
  /** The thread's entry file; bundles have theirs elsewhere than the source. */
  readonly entry: URL | undefined
}

interface Thread {
  readonly worker: Worker
  readonly asked: Map<number, { resolve: (document: YamlDocument) => void; reject: (error: Error) => void }>
  timer: Timer | undefined
}

export function createYamlReader({ clock, entry }: YamlReaderOptions): YamlReader {
  let thread: Thread | undefined
  let lastId = 0
  let closed = false

  const start = (): Thread => {
    const worker = new Worker(entry ?? new URL('./thread.ts', import.meta.url), {
      name: 'proa-yaml',
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    const started: Thread = { worker, asked: new Map(), timer: undefined }
    worker.on('message', (answer: Answer) => receive(started, answer))
    worker.on('error', error => void end(started, error instanceof Error ? error.message : String(error)))
    worker.on('exit', code => void end(started, `it ended with code ${code}`))
    return started
  }

  const receive = (from: Thread, answer: Answer) => {
    const asked = from.asked.get(answer.id)
    from.asked.delete(answer.id)
    watchOver(from)
    if (answer.type === 'document') asked?.resolve({ value: JSON.parse(answer.json), duplicates: answer.duplicates })
    else asked?.reject(answer.type === 'mistake' ? new DecodeError(answer.message) : failed(answer.message))
  }

  /** A thread without work goes after a while; one that does not come back with an answer goes with its questions. */
  const watchOver = (watched: Thread) => {
    const { asked, worker } = watched
    watched.timer?.cancel()
    if (asked.size > 0) {
      worker.ref()
      watched.timer = clock.setTimer(limits.yamlPatience_ms, () => void end(watched, 'it takes too long'))
    } else {
      worker.unref()
      watched.timer = clock.setTimer(limits.yamlIdle_ms, () => void end(watched, 'nobody needs it'))
    }
  }

  const end = async (ended: Thread, reason: string): Promise<void> => {
    if (thread === ended) thread = undefined
    ended.timer?.cancel()
    for (const { reject } of ended.asked.values()) reject(failed(reason))
    ended.asked.clear()
    await ended.worker.terminate()
  }

  return {
    read(text, findDuplicates) {
      if (text.length <= limits.yamlInPlaceBytes) return readYaml(text, findDuplicates)
      if (closed) throw failed('the server is closing')
      thread ??= start()
      const { worker, asked } = thread
      const question: Question = { id: ++lastId, text, findDuplicates }
      const answered = new Promise<YamlDocument>((resolve, reject) => asked.set(question.id, { resolve, reject }))
      watchOver(thread)
      worker.postMessage(question)
      return answered
    },
    async close() {
      closed = true
      if (thread) await end(thread, 'the server is closing')
    },
  }
}

const failed = (reason: string): Error => new Error(`read a text of YAML in a thread of its own: ${reason}`)
