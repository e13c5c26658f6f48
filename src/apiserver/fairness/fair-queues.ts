/** What waits must say how much it asks for, and which flow it belongs to. */
export interface Queued {
  readonly width: number
  readonly hash: bigint
}

/**
 * The queues of one level. Each flow is dealt a hand of them by its hash and waits in the shortest, so that a flood
 * from one flow fills its own hand and most others have a queue that it is not in. Queues are served in turns, by
 * start-time fair queueing: one that asks for less is served sooner, however many wait in another.
 */
export interface FairQueues<W extends Queued> {
  /** False when the queue is full. */
  add(waiter: W): boolean
  /** Whose turn it is, without taking it out. */
  peek(): W | undefined
  take(): W | undefined
  remove(waiter: W): boolean
  /** In the order of turns. */
  takeAll(): readonly W[]
  isLike(queues: number, handSize: number, lengthLimit: number): boolean
  /** For whoever looks into them. */
  list(): readonly { readonly index: number; readonly waiters: readonly W[] }[]
}

interface Queue<W> {
  readonly index: number
  readonly waiters: { readonly waiter: W; readonly start: number }[]
  /** Virtual time at which all that was put in will have been served. */
  finish: number
}

export function createFairQueues<W extends Queued>(count: number, handSize: number, lengthLimit: number): FairQueues<W> {
  /** Only queues in which somebody waits, or which are still ahead of the virtual time. */
  const queues = new Map<number, Queue<W>>()
  let virtual = 0

  const first = (): Queue<W> | undefined => {
    let best: Queue<W> | undefined
    let bestStart = Number.POSITIVE_INFINITY
    for (const queue of queues.values()) {
      const start = queue.waiters[0]?.start
      if (start === undefined || start >= bestStart) continue
      best = queue
      bestStart = start
    }
    return best
  }
  const forget = () => {
    for (const [index, { waiters, finish }] of queues) if (waiters.length === 0 && finish <= virtual) queues.delete(index)
  }
  const take = (): W | undefined => {
    const queue = first()
    const head = queue?.waiters.shift()
    if (!head) return undefined
    virtual = head.start
    forget()
    return head.waiter
  }
  return {
    add(waiter) {
      const index = shortest(dealHand(waiter.hash, count, handSize), queues)
      const queue = queues.get(index) ?? { index, waiters: [], finish: 0 }
      if (queue.waiters.length >= lengthLimit) return false
      const start = Math.max(virtual, queue.finish)
      queue.finish = start + waiter.width
      queue.waiters.push({ waiter, start })
      queues.set(index, queue)
      return true
    },
    peek: () => first()?.waiters[0]?.waiter,
    take,
    remove(waiter) {
      for (const { waiters } of queues.values()) {
        const at = waiters.findIndex(one => one.waiter === waiter)
        if (at < 0) continue
        waiters.splice(at, 1)
        return true
      }
      return false
    },
    takeAll() {
      const all: W[] = []
      for (let waiter = take(); waiter; waiter = take()) all.push(waiter)
      return all
    },
    isLike: (queueCount, hand, limit) => queueCount === count && hand === handSize && limit === lengthLimit,
    list: () =>
      [...queues.values()]
        .filter(({ waiters }) => waiters.length > 0)
        .map(({ index, waiters }) => ({ index, waiters: waiters.map(({ waiter }) => waiter) }))
        .sort((left, right) => left.index - right.index),
  }
}

function shortest<W>(hand: readonly number[], queues: ReadonlyMap<number, Queue<W>>): number {
  const lengthOf = (index: number) => queues.get(index)?.waiters.length ?? 0
  return hand.reduce((best, index) => (lengthOf(index) < lengthOf(best) ? index : best))
}

/** Deals cards without putting them back: each hash has a hand of its own, and most hands differ in most cards. */
export function dealHand(hash: bigint, deck: number, handSize: number): readonly number[] {
  const hand: number[] = []
  const dealt: number[] = []
  let rest = hash
  for (let left = deck; hand.length < Math.min(handSize, deck); left--) {
    let card = Number(rest % BigInt(left))
    rest /= BigInt(left)
    // The card counts among those that are left: step over those that are gone.
    for (const gone of dealt) if (card >= gone) card++
    hand.push(card)
    dealt.push(card)
    dealt.sort((left, right) => left - right)
  }
  return hand
}

/** FNV-1a of 64 bits. */
export function hashFlow(...parts: readonly string[]): bigint {
  let hash = 0xcbf29ce484222325n
  for (const part of parts) {
    for (let at = 0; at <= part.length; at++) {
      // The end counts too, so that parts can't run into each other.
      const code = at < part.length ? part.charCodeAt(at) : 0x1_0000
      hash = BigInt.asUintN(64, (hash ^ BigInt(code)) * 0x100000001b3n)
    }
  }
  return hash
}
