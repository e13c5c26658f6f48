import { readFile } from 'node:fs/promises'
import { Agent, request as httpsRequest } from 'node:https'
import { readKubeconfig, resolveContext } from '../../src/client/kubeconfig.ts'

/**
 * Looks at what a cluster holds, as often as a test likes: each look is one request over connections that stay open, where
 * kubectl would be a process with a handshake and its discovery. What a user would do stays with kubectl.
 */
export interface StateReader {
  /** The object or list at a path of the API; a refusal fails with the server's words. The type is the test's to know. */
  look<T>(path: string): Promise<T>
  close(): void
}

const answerLimit_ms = 60_000

export function createStateReader(kubeconfig: string): StateReader {
  let known: { readonly text: string; readonly server: string; readonly agent: Agent } | undefined

  /** A cluster that was purged and begun anew has other certificates, so the file is looked at each time. */
  async function connection() {
    const text = await readFile(kubeconfig, 'utf8')
    if (known?.text === text) return known
    const { server, certificateAuthority, clientCertificate, clientKey } = await resolveContext(
      await readKubeconfig(kubeconfig),
      kubeconfig,
    )
    known?.agent.destroy()
    const agent = new Agent({ keepAlive: true, ca: certificateAuthority, cert: clientCertificate, key: clientKey })
    known = { text, server, agent }
    return known
  }

  return {
    async look<T>(path: string) {
      const { server, agent } = await connection()
      const { status, text } = await get(new URL(path, server), agent)
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${text}`)
      return JSON.parse(text) as T
    },
    close: () => known?.agent.destroy(),
  }
}

function get(url: URL, agent: Agent): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { agent, signal: AbortSignal.timeout(answerLimit_ms) }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    request.on('error', error => {
      // The server ended an idle connection in the same moment: that says nothing about the cluster.
      const stale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (stale) get(url, agent).then(resolve, reject)
      else reject(error)
    })
    request.end()
  })
}
