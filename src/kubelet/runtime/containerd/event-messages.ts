import { message } from './protobuf.ts'

/** containerd's own event stream: what it publishes about tasks and containers, with the fields that Proa reads. */
export const subscribeRequest = message({ filters: [1, 'string', 'repeated'] })
export const envelope = message({
  namespace: [2, 'string'],
  topic: [3, 'string'],
  event: [4, message({ typeUrl: [1, 'string'], value: [2, 'bytes'] })],
})

export const taskEvent = message({ containerId: [1, 'string'] })
/** The id is that of an exec's process; the container's own has none. */
export const taskDelete = message({ containerId: [1, 'string'], id: [5, 'string'] })
export const containerEvent = message({ id: [1, 'string'] })
