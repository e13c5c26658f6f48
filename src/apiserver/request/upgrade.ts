import { admitConnection } from '../operations/connect.ts'
import { handlerOf, subresourceRequest } from '../operations/handler.ts'
import { checkSupported } from '../operations/request-parts.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpAnswer, HttpUpgrade, SubresourceHandler } from '../types.ts'
import { actingUser } from './acting-user.ts'
import { type Arrived, arrive } from './arrive.ts'
import { authorize } from './authorize.ts'
import { answerArrived } from './handle.ts'
import { findResource, operationOf } from './operation-of.ts'
import { refuse, withCommonHeaders } from './refuse.ts'

/**
 * exec, attach, port-forward, proxies: the connection itself is handed over once everything else is settled. Whatever else
 * asks for an upgrade gets its usual answer, which goes out as messages where a WebSocket was asked for (watches, logs).
 */
export async function handleUpgrade(room: ServerRoom, upgrade: HttpUpgrade): Promise<HttpAnswer | undefined> {
  const arrived = arrive(room, upgrade.request)
  const { aggregation } = room
  const remote = aggregation?.find(arrived.target.path)
  const opens = remote ? undefined : findOpening(room, arrived)
  if (!remote && !opens) return answerArrived(room, arrived, { ...upgrade.request, body: async () => new Uint8Array() })
  const finish = room.metrics.begin(arrived.attributes, arrived.query)
  try {
    const user = await actingUser(room, arrived)
    await authorize(room.authorizer, user, arrived.attributes, arrived.audit?.annotate)
    const { audit } = arrived
    if (remote && aggregation) {
      upgrade.socket.once('close', () => audit?.complete(101))
      await aggregation.upgrade(remote, upgrade, user)
    } else if (opens) {
      const { verb } = arrived.attributes
      if (opens.verb && opens.verb !== verb) await authorize(room.authorizer, user, { ...arrived.attributes, verb: opens.verb })
      const resource = findResource(room, arrived)
      const operation = operationOf(room, arrived, user, resource, upgrade.request)
      checkSupported(operation, opens.definition)
      await admitConnection(room, operation, opens.definition)
      upgrade.socket.once('close', () => audit?.complete(101))
      await opens.upgrade(await subresourceRequest(room, operation, opens.definition), upgrade)
      audit?.responseStarted(101)
    }
    finish(101)
    return undefined
  } catch (error) {
    const answer = withCommonHeaders(refuse(room, arrived, error, undefined), arrived)
    finish(answer.status)
    arrived.audit?.complete(answer.status)
    return answer
  }
}

/** The subresource that a connection can be opened to, and the verb that this takes beside the request's own. */
function findOpening(room: ServerRoom, arrived: Arrived) {
  const { group, version, resource, subresource } = arrived.target
  const definition = room.catalog.find(group, version, resource)?.kind.subresources[subresource]
  if (definition?.action.type !== 'handler') return undefined
  const { upgrade, upgradeVerb }: SubresourceHandler = handlerOf(room, definition)
  return upgrade && { definition, upgrade, verb: upgradeVerb }
}
