/** What the server asks the thread that reads YAML. */
export interface Question {
  readonly text: string
  readonly findDuplicates: boolean
}

/** A document comes as JSON, which is read as fast as any other body. A mistake is the text's; a failure is ours. */
export type Answer =
  | { readonly type: 'document'; readonly json: string; readonly duplicates: readonly string[] }
  | { readonly type: 'mistake' | 'failure'; readonly message: string }
