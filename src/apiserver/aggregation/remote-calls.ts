import { type Status, StatusError, serviceUnavailable } from '../../apimachinery/api-errors.ts'
import type { ApiCall, WatchEvent } from '../../apimachinery/connection.ts'
import { jsonLines } from '../../apimachinery/http/json-lines.ts'
import { httpMethod, requestBody, requestPath } from '../../apimachinery/http/request-path.ts'
import { statusError } from '../../apimachinery/http/status-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import { CallError, type Outgoing } from '../outgoing/index.ts'
import { identityHeaders } from './identity-headers.ts'
import { limits } from './limits.ts'
import type { RemoteGroupVersion } from './remote.ts'

/** Calls of this process that a server elsewhere answers, in the name of a user who was found to be allowed. */
export async function callRemote(outgoing: Outgoing, remote: RemoteGroupVersion, call: ApiCall, user: UserInfo): Promise<KubernetesObject> {
  checkAvailable(remote)
  const body = requestBody(call)
  const { status, body: bytes } = await outgoing
    .call(remote.destination, {
      method: httpMethod[call.verb],
      path: requestPath(call),
      // Node would give a deletion's body no frame by itself.
      headers: { ...headersOf(user), ...(body && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }) },
      body: body?.text,
      timeout_ms: limits.call_ms,
      maximumBytes: limits.answerBytes,
      signal: call.signal,
    })
    .catch(asUnavailable)
  const text = bytes.toString('utf8')
  if (status < 200 || status > 299) throw statusError(status, text)
  try {
    return JSON.parse(text) as KubernetesObject
  } catch (error) {
    throw new Error(`${call.verb} ${call.resource.resource} at ${remote.name}: the answer is not JSON`, { cause: error })
  }
}

export async function* watchRemote(
  outgoing: Outgoing,
  remote: RemoteGroupVersion,
  call: ApiCall,
  user: UserInfo,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  checkAvailable(remote)
  const path = requestPath({ ...call, verb: 'watch' })
  const answer = await outgoing.stream(remote.destination, { method: 'GET', path, headers: headersOf(user), signal }).catch(asUnavailable)
  try {
    const { statusCode = 502 } = answer
    if (statusCode !== 200) throw statusError(statusCode, '')
    for await (const line of jsonLines(answer as AsyncIterable<Buffer>, limits.eventBytes)) {
      const event = line as WatchEvent | { readonly type: 'ERROR'; readonly object: Status }
      if (event.type === 'ERROR') throw new StatusError(event.object)
      yield event
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    answer.destroy()
  }
}

function checkAvailable({ name, isAvailable }: RemoteGroupVersion): void {
  if (!isAvailable) throw serviceUnavailable(`the server of APIService ${name} is not available`)
}

const headersOf = (user: UserInfo) => ({ accept: 'application/json', ...identityHeaders(user) })

function asUnavailable(error: unknown): never {
  if (error instanceof CallError) throw serviceUnavailable(`error trying to reach service: ${error.detail}`)
  throw error
}
