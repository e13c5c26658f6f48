import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Cluster, type StartClusterOptions, startCluster } from '../../src/index.ts'
import { type Outcome, runProgram } from './real-cluster.ts'

/** A cluster of the library for one test file, reached in every way that a client may choose; it ends with the file. */
export interface LibraryCluster {
  readonly cluster: Cluster
  readonly kubeconfig: string
  /** A request as it is, over HTTPS. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  kubectl(path: string, words: readonly string[], input?: string, variables?: Readonly<Record<string, string>>): Promise<Outcome>
  close(): Promise<void>
}

export interface SendOptions {
  /** An object goes as JSON, text as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | null
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON; its shape is the test's to know. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind.
  readonly json: any
}

export async function openLibraryCluster(options: StartClusterOptions = {}): Promise<LibraryCluster> {
  const cluster = await startCluster({ nodes: 0, freezeObjects: true, ...options })
  const directory = mkdtempSync(join(tmpdir(), 'proa-library-'))
  const kubeconfig = join(directory, 'kubeconfig')
  await cluster.writeKubeconfig(kubeconfig)
  const agent = new Agent({ keepAlive: true, ca: cluster.certificateAuthority })
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: directory, TMPDIR: directory }
  return {
    cluster,
    kubeconfig,
    send: (method, path, sendOptions = {}) => send(agent, cluster, method, path, sendOptions),
    kubectl: (path, words, input, variables) => runProgram(path, words, { env: { ...env, ...variables }, input, timeout_ms: 60_000 }),
    async close() {
      agent.destroy()
      await cluster.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** For a whole test file. */
export async function sharedLibraryCluster(options?: StartClusterOptions): Promise<LibraryCluster> {
  const opened = await openLibraryCluster(options)
  after(() => opened.close())
  return opened
}

function send(agent: Agent, cluster: Cluster, method: string, path: string, { body, headers, token }: SendOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const authorization = token === null ? undefined : `Bearer ${token ?? cluster.token}`
    const request = httpsRequest(
      new URL(path, cluster.server),
      {
        method,
        agent,
        headers: {
          ...(authorization && { authorization }),
          // Node would not frame the body of a DELETE by itself.
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
      },
      response => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (received += chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: received,
            get json() {
              return JSON.parse(received)
            },
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}
