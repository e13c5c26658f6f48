/**
 * Reads YAML that clients send. Reading it takes a hundred times as long as JSON, so that a text of a megabyte would hold
 * up everybody for seconds: small ones are read in place, larger ones by a thread that is there while somebody needs it,
 * those of several users in turns.
 * In goes text, out comes a value; a text that is wrong rejects with a `DecodeError`, whoever read it.
 */
import { Worker } from 'node:worker_threads'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { limits } from '../limits.ts'
import type { Answer, Question } from './messages.ts'
import { readYaml, type YamlDocument } from './read-yaml.ts'
import { createTurns } from './turns.ts'

export interface YamlReader {
  /** Reads for one user: large texts of several users are read in turns. */
  of(user: string): UserYamlReader
  close(): Promise<void>
}

export interface UserYamlReader {
  read(text: string, findDuplicates: boolean): YamlDocument | Promise<YamlDocument>
}

export interface YamlReaderOptions {
  readonly clock: Clock
  /** The thread's entry file; bundles have theirs elsewhere than the source. */
  readonly entry: URL | undefined
}

interface Thread {
  readonly worker: Worker
  /** One at a time, so that whoever comes with the next turn waits for no more than one text. */
  asked: Waiting | undefined
  timer: Timer | undefined
}

interface Waiting extends Question {
  resolve(document: YamlDocument): void
  reject(error: Error): void
}

export function createYamlReader({ clock, entry }: YamlReaderOptions): YamlReader {
  const turns = createTurns<Waiting>()
  let thread: Thread | undefined
  let closed = false

  const start = (): Thread => {
    const worker = new Worker(entry ?? new URL('./thread.ts', import.meta.url), {
      name: 'proa-yaml',
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    const started: Thread = { worker, asked: undefined, timer: undefined }
    worker.on('message', (answer: Answer) => receive(started, answer))
    worker.on('error', error => void end(started, error instanceof Error ? error.message : String(error)))
    worker.on('exit', code => void end(started, `it ended with code ${code}`))
    return started
  }

  const receive = (from: Thread, answer: Answer) => {
    const { asked } = from
    from.asked = undefined
    serveNext()
    if (answer.type === 'document') asked?.resolve({ value: JSON.parse(answer.json), duplicates: answer.duplicates })
    else asked?.reject(answer.type === 'mistake' ? new DecodeError(answer.message) : failed(answer.message))
  }

  const serveNext = () => {
    if (thread?.asked) return
    const next = turns.next()
    if (next) {
      thread ??= start()
      thread.asked = next
      thread.worker.postMessage({ text: next.text, findDuplicates: next.findDuplicates } satisfies Question)
    }
    if (thread) watchOver(thread)
  }

  /** A thread without work goes after a while; one that does not come back with an answer goes with its question. */
  const watchOver = (watched: Thread) => {
    const { asked, worker } = watched
    watched.timer?.cancel()
    if (asked) {
      worker.ref()
      watched.timer = clock.setTimer(limits.yamlPatience_ms, () => void end(watched, 'it takes too long'))
    } else {
      worker.unref()
      watched.timer = clock.setTimer(limits.yamlIdle_ms, () => void end(watched, 'nobody needs it'))
    }
  }

  const end = async (ended: Thread, reason: string): Promise<void> => {
    const { asked } = ended
    ended.timer?.cancel()
    ended.asked = undefined
    asked?.reject(failed(reason))
    if (thread === ended) {
      thread = undefined
      // Others were not what was wrong with it.
      serveNext()
    }
    await ended.worker.terminate()
  }

  return {
    of: user => ({
      read(text, findDuplicates) {
        if (text.length <= limits.yamlInPlaceBytes) return readYaml(text, findDuplicates)
        if (closed) throw failed('the server is closing')
        return new Promise<YamlDocument>((resolve, reject) => {
          turns.add(user, { text, findDuplicates, resolve, reject })
          serveNext()
        })
      },
    }),
    async close() {
      closed = true
      for (const { reject } of turns.takeAll()) reject(failed('the server is closing'))
      if (thread) await end(thread, 'the server is closing')
    },
  }
}

const failed = (reason: string): Error => new Error(`read a text of YAML in a thread of its own: ${reason}`)
