/** A stream made of pushes. Ends with the signal or `end`. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(value: T): void
  end(): void
}

const capacity = 4096

/** Beyond its capacity the oldest values are dropped: the reader relists now and then, so a lost hint costs time only. */
export function eventQueue<T>(signal: AbortSignal): EventQueue<T> {
  const values: T[] = []
  let ended = signal.aborted
  let wake: (() => void) | undefined
  const end = () => {
    ended = true
    wake?.()
  }
  signal.addEventListener('abort', end, { once: true })
  return {
    push(value) {
      if (values.length === capacity) values.shift()
      values.push(value)
      wake?.()
    },
    end,
    async *[Symbol.asyncIterator]() {
      try {
        while (true) {
          const value = values.shift()
          if (value !== undefined) yield value
          else if (ended) return
          else {
            await new Promise<void>(resolve => {
              wake = resolve
            })
          }
        }
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
  }
}
