import { methodNotAllowed, pathNotFound } from '../../apimachinery/api-errors.ts'
import { admitConnection } from '../operations/connect.ts'
import { handlerOf, subresourceRequest } from '../operations/handler.ts'
import { checkSupported } from '../operations/request-parts.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpAnswer, HttpUpgrade } from '../types.ts'
import { actingUser } from './acting-user.ts'
import { arrive } from './arrive.ts'
import { authorize } from './authorize.ts'
import { findResource, operationOf } from './operation-of.ts'
import { refuse, withCommonHeaders } from './refuse.ts'

/** exec, attach, port-forward: the connection itself is handed over once everything else is settled. */
export async function handleUpgrade(room: ServerRoom, upgrade: HttpUpgrade): Promise<void> {
  const arrived = arrive(room, upgrade.request)
  const finish = room.metrics.begin(arrived.attributes, arrived.query)
  try {
    const user = await actingUser(room, arrived)
    await authorize(room.authorizer, user, arrived.attributes, arrived.audit?.annotate)
    const { aggregation } = room
    const remote = aggregation?.find(arrived.target.path)
    if (remote && aggregation) {
      upgrade.socket.once('close', () => arrived.audit?.complete(101))
      await aggregation.upgrade(remote, upgrade, user)
      finish(101)
      return
    }
    // A WebSocket begins with a GET, but what it opens is more than reading (upstream asks the same since v1.35).
    if (arrived.attributes.verb === 'get') await authorize(room.authorizer, user, { ...arrived.attributes, verb: 'create' })
    const resource = findResource(room, arrived)
    const operation = operationOf(room, arrived, user, resource, upgrade.request)
    const definition = resource.kind.subresources[operation.subresource]
    checkSupported(operation, definition)
    if (definition?.action.type !== 'handler') throw pathNotFound()
    const handler = handlerOf(room, definition)
    if (!handler.upgrade) throw methodNotAllowed(resource.groupResource, 'upgrade')
    await admitConnection(room, operation, definition)
    const { audit } = arrived
    upgrade.socket.once('close', () => audit?.complete(101))
    await handler.upgrade(await subresourceRequest(room, operation, definition), upgrade)
    audit?.responseStarted(101)
    finish(101)
  } catch (error) {
    const answer = withCommonHeaders(refuse(room, arrived, error, undefined), arrived)
    finish(answer.status)
    arrived.audit?.complete(answer.status)
    refuseUpgrade(upgrade, answer)
  }
}

function refuseUpgrade({ socket }: HttpUpgrade, { status, body }: HttpAnswer): void {
  const text = typeof body === 'string' ? body : ''
  const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`
  socket.end(head + text)
}
