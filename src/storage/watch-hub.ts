import type { Logger } from '../base/logger.ts'
import type { StorageEvent, StorageWatch } from './types.ts'

export type WatchListener = (events: readonly StorageEvent[]) => void

/**
 * Hands committed events to watchers. All watchers of a prefix share one array per delivery, and an event finds its
 * prefixes by hashing the beginnings of its key, so that a thousand watchers cost what the concerned ones cost.
 */
export interface WatchHub {
  /** Adds a watcher that has seen everything up to `seen`. */
  add(prefix: string, seen: number, listener: WatchListener): StorageWatch
  /** Events of whole commits in order; `revision` is the last one's. */
  deliver(events: readonly StorageEvent[], revision: number): void
  close(): void
}

interface Watcher {
  readonly listener: WatchListener
  /** Everything up to here has been delivered, or was not asked for. */
  seen: number
  closed: boolean
}

interface Channel {
  readonly prefix: string
  readonly watchers: Set<Watcher>
  pending: StorageEvent[]
}

/** For each directory (a prefix up to a slash), how many channels there are with prefixes of each length. */
type PrefixLengths = Map<string, Map<number, number>>

export function createWatchHub(logger: Logger): WatchHub {
  const channels = new Map<string, Channel>()
  const lengths: PrefixLengths = new Map()

  const channelOf = (prefix: string): Channel => {
    let channel = channels.get(prefix)
    if (!channel) {
      channel = { prefix, watchers: new Set(), pending: [] }
      channels.set(prefix, channel)
      countLength(lengths, prefix, 1)
    }
    return channel
  }

  const remove = (channel: Channel, watcher: Watcher) => {
    watcher.closed = true
    if (!channel.watchers.delete(watcher) || channel.watchers.size > 0) return
    if (channels.get(channel.prefix) !== channel) return
    channels.delete(channel.prefix)
    countLength(lengths, channel.prefix, -1)
  }

  return {
    add(prefix, seen, listener) {
      const channel = channelOf(prefix)
      const watcher: Watcher = { listener, seen, closed: false }
      channel.watchers.add(watcher)
      return { close: () => remove(channel, watcher) }
    },
    deliver(events, revision) {
      if (channels.size === 0) return
      const concerned = new Set<Channel>()
      for (const event of events) collect(channels, lengths, event, concerned)
      for (const channel of concerned) {
        const pending = channel.pending
        channel.pending = []
        for (const watcher of channel.watchers) notify(watcher, pending, revision, channel.prefix, logger)
      }
    },
    close() {
      for (const channel of channels.values()) for (const watcher of channel.watchers) watcher.closed = true
      channels.clear()
      lengths.clear()
    },
  }
}

/** Puts the event into every channel whose prefix begins its key. */
function collect(channels: ReadonlyMap<string, Channel>, lengths: PrefixLengths, event: StorageEvent, concerned: Set<Channel>) {
  const { key } = event
  for (let end = 0; ; ) {
    const known = lengths.get(key.slice(0, end))
    if (known) {
      for (const length of known.keys()) {
        const channel = length <= key.length ? channels.get(key.slice(0, length)) : undefined
        if (!channel) continue
        channel.pending.push(event)
        concerned.add(channel)
      }
    }
    const slash = key.indexOf('/', end)
    if (slash < 0) return
    end = slash + 1
  }
}

function notify(watcher: Watcher, events: readonly StorageEvent[], revision: number, prefix: string, logger: Logger) {
  // One that was added while this delivery runs has caught up with it already.
  if (watcher.closed || watcher.seen >= revision) return
  const unseen = (events[0] as StorageEvent).revision > watcher.seen ? events : events.filter(event => event.revision > watcher.seen)
  watcher.seen = revision
  if (unseen.length === 0) return
  try {
    watcher.listener(unseen)
  } catch (error) {
    logger.error(`deliver changes up to revision ${revision} to a watch of ${prefix}: its listener failed; the others go on`, { error })
  }
}

function countLength(lengths: PrefixLengths, prefix: string, difference: 1 | -1) {
  const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const counts = lengths.get(directory) ?? new Map<number, number>()
  const count = (counts.get(prefix.length) ?? 0) + difference
  if (count > 0) counts.set(prefix.length, count)
  else counts.delete(prefix.length)
  if (counts.size > 0) lengths.set(directory, counts)
  else lengths.delete(directory)
}
