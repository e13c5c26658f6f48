import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Client } from '../../client/index.ts'
import type { ControllerContext } from '../controller.ts'

export const isCollected = (kind: Kind): boolean =>
  kind.verbs.includes('delete') && kind.verbs.includes('watch') && kind.resource !== 'events'

export interface ExtensionHandlers {
  readonly change: (kind: Kind, old: KubernetesObject | undefined, current: KubernetesObject | undefined) => void
  /** The object may be there still, but nobody can tell any more. */
  readonly forget: (object: KubernetesObject) => void
  /** Kinds have come or gone. */
  readonly changed: () => void
}

/** Follows the objects of extension servers as long as they are there: what a server that is away had is not known. */
export function followExtensions({ extensions, name, logger }: ControllerContext, handlers: ExtensionHandlers): { close(): void } {
  if (!extensions) return { close() {} }
  const followed = new Map<Kind, () => void>()
  const follow = (kind: Kind): (() => void) => {
    const client: Client = extensions.connect(name)
    const informer = client.informer(kind)
    const stop = informer.onChange((old, current) => {
      // Not every server gives its objects a UID; without one, nobody can own or be owned.
      if ((current ?? old)?.metadata.uid) handlers.change(kind, old, current)
    })
    return () => {
      stop()
      for (const object of informer.list()) if (object.metadata.uid) handlers.forget(object)
      client.close().catch((error: unknown) => logger.warn(`end following ${kind.resource}: ${(error as Error).message}`))
    }
  }
  const look = () => {
    const kinds = new Set(extensions.current().kinds.filter(isCollected))
    for (const [kind, end] of followed) {
      if (kinds.has(kind)) continue
      followed.delete(kind)
      end()
    }
    for (const kind of kinds) if (!followed.has(kind)) followed.set(kind, follow(kind))
    handlers.changed()
  }
  const unsubscribe = extensions.onChanged(look)
  look()
  return {
    close() {
      unsubscribe()
      for (const end of followed.values()) end()
      followed.clear()
    },
  }
}
