import { createServer } from 'node:net'

/**
 * Makes sure that no part of a cluster runs twice: the holder listens on an abstract socket, which the kernel gives to
 * one process only and takes back the moment that process ends, however it ends.
 */
export function holdSingleInstance(name: string, part: string): Promise<{ close(): void }> {
  const server = createServer(socket => socket.destroy())
  // The lock alone must not keep the process.
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`start the ${part} of cluster ${name}: it runs already`) : error),
    )
    server.listen(`\0proa/${name}/${part}`, () => resolve({ close: () => void server.close() }))
  })
}
