import type { Subresource } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { mutate, validate } from '../registry/admit.ts'
import type { Operation, OperationRoom } from './operation.ts'
import { isWhole, writeRequest } from './request-parts.ts'

type FieldType = 'flag' | 'text' | 'texts' | 'numbers'

const streams = { stdin: 'flag', stdout: 'flag', stderr: 'flag', tty: 'flag', container: 'text' } as const

/** What a client says of the connection that it wants: query parameters, but objects to whoever judges them. */
const optionFields: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  PodAttachOptions: streams,
  PodExecOptions: { ...streams, command: 'texts' },
  PodPortForwardOptions: { ports: 'numbers' },
  PodProxyOptions: {},
  ServiceProxyOptions: {},
  NodeProxyOptions: {},
}

/** Connections to pods pass admission as an operation of their own. */
export async function admitConnection({ registry }: OperationRoom, operation: Operation, definition: Subresource): Promise<void> {
  const fields = optionFields[definition.kind]
  if (!fields) return
  const path = isWhole(definition) ? { path: operation.rest } : {}
  const options = { ...readOptions(definition.kind, fields, operation.query), ...path }
  const write = writeRequest(operation)
  await mutate(registry, write, 'CONNECT', options, undefined)
  await validate(registry, write, 'CONNECT', options, undefined)
}

function readOptions(kind: string, fields: Readonly<Record<string, FieldType>>, query: URLSearchParams): KubernetesObject {
  const options: Record<string, unknown> = { kind, apiVersion: 'v1' }
  for (const [name, type] of Object.entries(fields)) if (query.has(name)) options[name] = readField(type, query.getAll(name))
  return options as unknown as KubernetesObject
}

function readField(type: FieldType, values: readonly string[]): unknown {
  switch (type) {
    case 'flag':
      return !['0', 'false'].includes(values[0]?.toLowerCase() ?? '')
    case 'text':
      return values[0] ?? ''
    case 'texts':
      return values
    case 'numbers':
      return values.flatMap(value => value.split(',').map(Number))
  }
}
