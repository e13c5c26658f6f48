import { isNotFound } from '../../apimachinery/api-errors.ts'
import type { ApiConnection, ResourceView } from '../../apimachinery/connection.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { type CustomResourceDefinition, customResourceDefinitionKind, hasCondition } from '../../apis/index.ts'
import { type Clock, formatTime, type Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ApiServer } from '../server.ts'
import { approvalOf } from './approval.ts'
import { withConditions } from './conditions.ts'
import { type ConversionRoom, converterOf } from './conversion.ts'
import { customKinds } from './custom-kind.ts'
import { internalContext } from './internal-context.ts'
import { nameDefinition } from './naming.ts'
import { terminateDefinition } from './terminate.ts'

export interface CustomResourcesOptions extends ConversionRoom {
  readonly server: ApiServer
  /** Of somebody who may see everything. */
  readonly connection: ApiConnection
  /** Groups and resources that are the server's own, which no definition can take the place of. */
  readonly builtInKinds: readonly Kind[]
  readonly clock: Clock
  readonly logger: Logger
}

export interface CustomResources {
  close(): void
}

const retry_ms = 1000

/** Serves what is established already before it returns, then follows every change. */
export function startCustomResources(options: CustomResourcesOptions): CustomResources {
  const { server, clock, logger } = options
  const definitions = viewOf(
    options.connection,
    customResourceDefinitionKind as unknown as Kind,
  ) as unknown as ResourceView<CustomResourceDefinition>
  const closed = new AbortController()
  const context = internalContext(closed.signal)
  const served = new Map<string, CustomResourceDefinition>()
  const running = new Set<string>()
  const stale = new Set<string>()
  const retries = new Map<string, Timer>()
  const waits = new Map<string, () => void>()

  // Whatever its status says, a definition never takes the place of what the server has itself, nor its objects.
  const mayServe = (definition: CustomResourceDefinition): boolean =>
    hasCondition(definition, 'Established') &&
    !options.builtInKinds.some(
      kind => kind.resource === definition.spec.names.plural && kind.served.some(({ group }) => group === definition.spec.group),
    )

  const serve = (definition: CustomResourceDefinition) => {
    const name = definition.metadata.name as string
    const before = served.get(name)
    if (before && isServedAlike(before, definition)) return
    served.set(name, definition)
    server.replaceKinds(
      definition.spec.group,
      definition.spec.names.plural,
      customKinds(definition, converterOf(options, definition.spec.conversion)),
    )
  }
  const unserve = (name: string) => {
    const before = served.get(name)
    waits.get(name)?.()
    waits.delete(name)
    if (!before) return
    served.delete(name)
    server.replaceKinds(before.spec.group, before.spec.names.plural, [])
  }

  const changeStatus = async (
    definition: CustomResourceDefinition,
    change: (current: CustomResourceDefinition) => CustomResourceDefinition,
  ) => {
    if (change(definition) === definition) return definition
    return (await server.objects.change({
      context,
      kind: customResourceDefinitionKind as unknown as Kind,
      namespace: '',
      name: definition.metadata.name as string,
      subresource: 'status',
      fieldManager: 'kube-apiserver',
      change: current => change(current as CustomResourceDefinition),
    })) as CustomResourceDefinition
  }

  const named = (current: CustomResourceDefinition): CustomResourceDefinition => {
    if (current.metadata.deletionTimestamp !== undefined) return current
    const { acceptedNames, namesAccepted, established } = nameDefinition(current, definitions.list(), options.builtInKinds)
    const conditions = withConditions(
      current,
      [namesAccepted, ...(established ? [established] : []), ...approvalOf(current)],
      formatTime(clock.now()),
    )
    if (semanticEqual(acceptedNames, current.status?.acceptedNames)) return conditions
    return { ...conditions, status: { ...conditions.status, acceptedNames } }
  }

  const settle = async (name: string) => {
    const found = definitions.get(undefined, name)
    if (!found) {
      unserve(name)
      for (const other of definitions.list()) if (!hasCondition(other, 'NamesAccepted')) enqueue(other.metadata.name as string)
      return
    }
    const definition = await changeStatus(found, named)
    if (mayServe(definition)) serve(definition)
    if (definition.metadata.deletionTimestamp === undefined) return
    const follow = (kind: Kind, onChange: () => void) => followObjects(options, kind, onChange)
    const wait = await terminateDefinition(
      { server, context, clock, changeStatus, follow, hasObjects: mayServe(definition), onChange: () => enqueue(name) },
      definition,
    )
    waits.get(name)?.()
    if (wait) waits.set(name, wait)
    else waits.delete(name)
  }

  const run = async (name: string) => {
    running.add(name)
    try {
      while (stale.delete(name) && !closed.signal.aborted) await settle(name)
    } catch (error) {
      if (!closed.signal.aborted && !isNotFound(error)) {
        logger.warn(`settle the custom resource definition ${name}: ${messageOf(error)}; tried again in ${retry_ms / 1000} s`, { error })
        retries.get(name)?.cancel()
        retries.set(
          name,
          clock.setTimer(retry_ms, () => enqueue(name)),
        )
      }
    } finally {
      running.delete(name)
      if (stale.has(name) && !closed.signal.aborted) void run(name)
    }
  }
  const enqueue = (name: string) => {
    stale.add(name)
    if (!running.has(name)) void run(name)
  }

  for (const definition of definitions.list()) {
    if (mayServe(definition)) serve(definition)
    enqueue(definition.metadata.name as string)
  }
  const unsubscribe = definitions.subscribe(change => enqueue((change.new ?? change.old)?.metadata.name as string))
  return {
    close() {
      unsubscribe()
      closed.abort(new Error('custom resources ended'))
      for (const timer of retries.values()) timer.cancel()
      for (const end of waits.values()) end()
    },
  }
}

function viewOf(connection: ApiConnection, { group, version, resource }: Kind): ResourceView {
  const view = connection.view?.({ group, version, resource })
  if (!view) throw new Error(`follow ${resource}: this connection has no views`)
  return view
}

/** Objects of a kind that no version serves any more can only be looked for again. */
function followObjects({ connection, clock }: CustomResourcesOptions, kind: Kind, onChange: () => void): () => void {
  if (kind.served.length > 0) return viewOf(connection, kind).subscribe(onChange)
  const timer = clock.setTimer(retry_ms, onChange)
  return () => timer.cancel()
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Most changes of a definition are of its status; what is served then stays as it is, with everything derived from it. */
function isServedAlike(before: CustomResourceDefinition, after: CustomResourceDefinition): boolean {
  return (
    before.metadata.uid === after.metadata.uid &&
    before.metadata.generation === after.metadata.generation &&
    (before.metadata.deletionTimestamp === undefined) === (after.metadata.deletionTimestamp === undefined) &&
    semanticEqual(before.status?.acceptedNames, after.status?.acceptedNames)
  )
}
