import type { HttpAnswer, PushedBody } from '../types.ts'
import type { AuditRecord } from './audit.ts'

/** The same answer; its record is complete when its last byte was handed over, or the client is gone. */
export function recordAnswer(record: AuditRecord, answer: HttpAnswer, isLongRunning: boolean): HttpAnswer {
  const { status, body } = answer
  if (isLongRunning) record.responseStarted(status)
  const complete = () => record.complete(status)
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    complete()
    return answer
  }
  return { ...answer, body: 'start' in body ? pushed(body, complete) : pulled(body, complete) }
}

const pushed = (body: PushedBody, complete: () => void): PushedBody => ({
  start(sink) {
    const stop = body.start({
      write: chunk => sink.write(chunk),
      get unsent() {
        return sink.unsent
      },
      onDrain: listener => sink.onDrain(listener),
      cut: () => sink.cut(),
      end() {
        complete()
        sink.end()
      },
    })
    return () => {
      complete()
      stop()
    }
  },
})

async function* pulled(body: AsyncIterable<Uint8Array | string>, complete: () => void): AsyncGenerator<Uint8Array | string> {
  try {
    yield* body
  } finally {
    complete()
  }
}

const longRunningSubresources = new Set(['attach', 'exec', 'portforward', 'proxy', 'log'])

/** Requests of which the beginning is worth a line of its own, as upstream sees it. */
export const isLongRunning = ({ verb, subresource }: { readonly verb: string; readonly subresource: string }): boolean =>
  verb === 'watch' || verb === 'proxy' || longRunningSubresources.has(subresource)
