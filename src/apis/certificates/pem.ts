export interface PemBlock {
  readonly type: string
  /** What stands between the lines that begin and end it. */
  readonly body: string
  readonly whole: string
}

/**
 * The blocks of a text, as far as they are complete. Ends are searched once for each beginning that has one: a pattern for whole
 * blocks would read a text of beginnings over and over.
 */
export function* pemBlocks(text: string): Generator<PemBlock> {
  const begin = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n/g
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const type = match[1] as string
    const last = `-----END ${type}-----`
    const end = text.indexOf(last, begin.lastIndex)
    if (end < 0) return
    yield { type, body: text.slice(begin.lastIndex, end), whole: text.slice(match.index, end + last.length) }
    begin.lastIndex = end + last.length
  }
}
