import type { JournalBounds } from './journal.ts'
import type { PackedRows } from './packed-rows.ts'

/** What the journal's thread is asked. Each request gets exactly one answer with its id. */
export type Request = { readonly id: number } & (
  | { readonly type: 'open'; readonly directory: string; readonly clusterId: string }
  | { readonly type: 'load' }
  | { readonly type: 'append'; readonly after: number; readonly revision: number; readonly rows: PackedRows }
  | { readonly type: 'compact'; readonly revision: number }
  | { readonly type: 'close' }
)

export type RequestBody = Request extends infer Each ? (Each extends Request ? Omit<Each, 'id'> : never) : never

export type Answer =
  | { readonly id: number; readonly type: 'done' }
  | { readonly id: number; readonly type: 'opened'; readonly bounds: JournalBounds }
  | { readonly id: number; readonly type: 'rows'; readonly rows: PackedRows; readonly more: boolean }
  | { readonly id: number; readonly type: 'failed'; readonly message: string; readonly damaged: boolean }
  /** Something that is nobody's answer went wrong and will be tried again. */
  | { readonly id: 0; readonly type: 'warning'; readonly message: string }

/** What comes over the port. The answer to most writes is short: their id alone means that they are done. */
export type Reply = Answer | number
