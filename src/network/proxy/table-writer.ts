import type { Logger } from '../../base/index.ts'
import { type Claims, createClaimStore, type Element, noClaims } from './claims.ts'
import type { Nft } from './nft.ts'
import { skeleton, type TableOptions } from './table.ts'

export type OwnedClaims = ReadonlyMap<string, Claims | undefined>

/** Brings what owners claim into the kernel. Both ways give the addresses to which UDP no longer goes. */
export interface TableWriter {
  /** Everybody who has, or had, something in the table. */
  owners(): Iterable<string>
  /** Writes the difference. A rejection leaves the table as it was; only `replace` may follow. */
  change(claims: OwnedClaims): Promise<string[]>
  /** Writes the table anew; `claims` are those of all owners. */
  replace(claims: OwnedClaims): Promise<string[]>
}

export interface TableWriterOptions {
  readonly nft: Nft
  readonly table: TableOptions
  readonly logger: Logger
  /** Somebody wants what another has. */
  readonly onConflict: (owner: string, element: Element, holder: string) => void
}

export function createTableWriter({ nft, table, logger, onConflict }: TableWriterOptions): TableWriter {
  const store = createClaimStore(table.name)
  /** Where the UDP of each owner goes, `ADDRESS PORT`, to see what is gone. */
  const udpTargets = new Map<string, readonly string[]>()

  function accept(claims: OwnedClaims): void {
    for (const [owner, claim] of claims) store.set(owner, claim)
    for (const owner of claims.keys()) for (const { element, holder } of store.conflictsOf(owner)) onConflict(owner, element, holder)
  }

  function goneUdpAddresses(claims: OwnedClaims): string[] {
    const gone = new Set<string>()
    for (const [owner, { udpTargets: current } = noClaims] of claims) {
      for (const target of udpTargets.get(owner) ?? []) if (!current.includes(target)) gone.add(target.split(' ')[0] ?? '')
      if (current.length) udpTargets.set(owner, current)
      else udpTargets.delete(owner)
    }
    return [...gone]
  }

  /** Owner by owner, so that only what the kernel refuses is missing. */
  async function writeEach(claims: OwnedClaims): Promise<void> {
    store.clear()
    for (const [owner, claim] of claims) {
      store.set(owner, claim)
      const commands = store.takeChanges()
      try {
        if (commands) await nft.apply(commands)
      } catch (error) {
        store.refused()
        store.set(owner, undefined)
        store.takeChanges()
        logger.error(`write the rules of ${owner}: the kernel refused them; it is not served on this node`, { error })
      }
    }
  }

  return {
    owners: store.owners,
    async change(claims) {
      accept(claims)
      const commands = store.takeChanges()
      if (commands) await nft.apply(commands)
      return goneUdpAddresses(claims)
    },
    async replace(claims) {
      accept(claims)
      const empty = skeleton(table)
      try {
        await nft.apply(empty + store.all())
      } catch (error) {
        await nft.apply(empty)
        logger.warn(`write the table ${table.name}: the kernel refused it as a whole; writing each owner's rules alone`, { error })
        await writeEach(claims)
      }
      return goneUdpAddresses(claims)
    },
  }
}
