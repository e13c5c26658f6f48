import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Aggregation } from './aggregation/index.ts'
import type { Audit } from './audit/index.ts'
import type { Documents } from './discovery/documents.ts'
import type { Fairness } from './fairness/index.ts'
import type { OperationRoom } from './operations/operation.ts'
import type { ObjectEncoder } from './registry/encode.ts'
import type { EncodedCache } from './registry/encoded-cache.ts'
import type { InflightRequests } from './request/inflight.ts'
import type { RequestMetrics } from './request/metrics.ts'
import type { PieceBuffers } from './request/piece-buffers.ts'
import type { TablePrinter } from './request/table.ts'
import type { ResourceCatalog } from './resources.ts'
import type { AnonymousRule, Authenticator, Authorizer } from './types.ts'
import type { Bookmarks } from './watch/bookmarks.ts'
import type { FrameForms } from './watch/frames.ts'
import type { SharedItems } from './watch/shared-items.ts'
import type { YamlReader } from './yaml/index.ts'

/** Everything that a request may touch on its way. */
export interface ServerRoom extends OperationRoom {
  readonly catalog: ResourceCatalog
  readonly encoder: ObjectEncoder
  readonly cache: EncodedCache
  readonly watchFrames: FrameForms
  readonly sharedItems: SharedItems
  readonly table: TablePrinter
  /** What lists are written into. */
  readonly buffers: PieceBuffers
  readonly bookmarks: Bookmarks
  readonly documents: Documents
  readonly aggregation: Aggregation | undefined
  readonly authenticators: readonly Authenticator[]
  readonly anonymous: AnonymousRule
  readonly authorizer: Authorizer
  /** Absent where nobody audits. */
  readonly audit: Audit | undefined
  readonly yaml: YamlReader
  readonly inflight: InflightRequests
  readonly fairness: Fairness
  readonly metrics: RequestMetrics
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}
