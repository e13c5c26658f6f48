import type { ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'

/** A table of what stored objects ask for, which acts from the moment they are stored. */
export interface FollowedTable<Table> {
  table(): Table
  /** Follows these views from now on; before that, nothing is stored. */
  attach(...views: readonly ResourceView[]): void
  close(): void
}

/** Made anew on the first request after a change, of the objects of each view in their order. */
export function followedTable<Table>(make: (...stored: readonly (readonly KubernetesObject[])[]) => Table): FollowedTable<Table> {
  let views: readonly ResourceView[] = []
  let current: Table | undefined
  let stops: readonly (() => void)[] = []
  const forget = () => {
    current = undefined
  }
  return {
    table() {
      current ??= make(...views.map(view => view.list()))
      return current
    },
    attach(...attached) {
      views = attached
      forget()
      stops = attached.map(view => view.subscribe(forget))
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
