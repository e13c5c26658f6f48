import type { Kind } from '../apimachinery/kind.ts'
import type { Client } from '../client/index.ts'

/** What extension servers have: kinds that the API server hands on, for controllers that look at objects of every kind. */
export interface Extensions {
  /** As discovery tells it now, and the group versions of servers that are away. */
  readonly current: () => { readonly kinds: readonly Kind[]; readonly away: readonly string[] }
  readonly onChanged: (listener: () => void) => () => void
  /** To follow one of these kinds; whoever asks closes it, since such a kind may go. */
  readonly connect: (controller: string) => Client
}
