import { isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { RequestContext } from '../../apimachinery/request.ts'
import { type CustomResourceDefinition, cleanupFinalizer, conditionOf, customResourceDefinitionKind } from '../../apis/index.ts'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { ApiServer } from '../server.ts'
import { type ConditionChange, withConditions } from './conditions.ts'
import { customKinds } from './custom-kind.ts'

export interface Termination {
  readonly server: ApiServer
  readonly context: RequestContext
  readonly clock: Clock
  readonly changeStatus: (
    definition: CustomResourceDefinition,
    change: (current: CustomResourceDefinition) => CustomResourceDefinition,
  ) => Promise<CustomResourceDefinition>
  /** It was served, so that objects of its resource are its own. */
  readonly hasObjects: boolean
  /** Calls back when objects of the kind change; answers how to stop. */
  readonly follow: (kind: Kind, onChange: () => void) => () => void
  /** Something that keeps the definition may be gone. */
  readonly onChange: () => void
}

/** Deletes the objects of a definition that is being deleted, then lets it go. Answers how to stop waiting for objects that stay. */
export async function terminateDefinition(
  termination: Termination,
  definition: CustomResourceDefinition,
): Promise<(() => void) | undefined> {
  if (!definition.metadata.finalizers?.includes(cleanupFinalizer)) return undefined
  const { server, context, changeStatus, clock, follow, onChange } = termination
  const condition = (status: 'True' | 'False', reason: string, message: string): ConditionChange => ({
    type: 'Terminating',
    status,
    reason,
    message,
  })
  const tell = (change: ConditionChange) => changeStatus(definition, current => withConditions(current, [change], formatTime(clock.now())))
  // Said once: every further change of the status would bring us back here.
  if (conditionOf(definition, 'Terminating') === undefined) {
    await tell(condition('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'))
  }
  const kind = termination.hasObjects ? customKinds(definition, undefined).find(one => one.storage?.isMain) : undefined
  const left = kind ? await removeAll(server, context, kind) : 0
  if (left > 0) {
    await tell(condition('True', 'InstanceDeletionCheck', `there are still ${left} instances to be deleted`))
    // Finalizers keep them; each that goes brings us back.
    return kind && follow(kind, onChange)
  }
  await tell(condition('False', 'InstanceDeletionCompleted', 'removed all instances'))
  await dropFinalizer(termination, definition)
  return undefined
}

async function removeAll(server: ApiServer, context: RequestContext, kind: Kind): Promise<number> {
  for (const { metadata } of server.objects.list(kind)) {
    if (metadata.deletionTimestamp !== undefined) continue
    try {
      await server.objects.remove({ context, kind, namespace: metadata.namespace ?? '', name: metadata.name as string, options: {} })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return server.objects.list(kind).length
}

async function dropFinalizer({ server, context }: Termination, { metadata }: CustomResourceDefinition): Promise<void> {
  await server.objects.change({
    context,
    kind: customResourceDefinitionKind as unknown as Kind,
    namespace: '',
    name: metadata.name as string,
    subresource: '',
    fieldManager: 'kube-apiserver',
    change(current) {
      const finalizers = current.metadata.finalizers?.filter(one => one !== cleanupFinalizer) ?? []
      const { finalizers: _finalizers, ...rest } = current.metadata
      return { ...current, metadata: finalizers.length > 0 ? { ...rest, finalizers } : rest }
    },
  })
}
