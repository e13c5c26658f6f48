import { connect, createServer, type Socket } from 'node:net'

/**
 * Commands that start, stop or configure take turns. Who has the turn listens on an abstract socket, which the kernel gives to one
 * process only and takes back however that process ends; who waits is connected to it, and sees the end without asking again.
 */
export async function takeTurn(what: string, signal?: AbortSignal, onWait?: () => void): Promise<{ end(): void }> {
  const path = `\0proa/${what}`
  for (let attempt = 0; ; attempt++) {
    const turn = await tryToListen(path)
    if (turn) return turn
    if (attempt === 0) onWait?.()
    signal?.throwIfAborted()
    await untilEnd(path, signal)
  }
}

function tryToListen(path: string): Promise<{ end(): void } | undefined> {
  const waiting = new Set<Socket>()
  const server = createServer(socket => {
    waiting.add(socket)
    socket.unref()
    socket.on('error', () => socket.destroy())
    socket.on('close', () => waiting.delete(socket))
  })
  // The turn alone must not keep the process.
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(path, () =>
      resolve({
        end() {
          server.close()
          for (const socket of waiting) socket.destroy()
        },
      }),
    )
  })
}

function untilEnd(path: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(path)
    const giveUp = () => socket.destroy()
    signal?.addEventListener('abort', giveUp, { once: true })
    // An end, an error and a refusal mean the same: the turn that was waited for is over.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
    socket.resume()
  })
}
