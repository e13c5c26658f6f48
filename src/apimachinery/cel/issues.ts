import type { CelIssue } from './program.ts'

/** Ends the reading of a source at its first mistake. */
export class CelSyntaxError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Where an offset lies. Columns count code points, from 0. */
export function issueAt(source: string, at: number, message: string): CelIssue {
  const before = source.slice(0, at).split('\n')
  return { message, line: before.length, column: [...(before.at(-1) ?? '')].length }
}

/** As cel-go shows them: the message with its place, the line, and a caret below the column. */
export function formatIssues(source: string, issues: readonly CelIssue[]): string {
  const lines = source.split('\n')
  return issues.map(issue => formatIssue(lines, issue)).join('\n')
}

function formatIssue(lines: readonly string[], { message, line, column }: CelIssue): string {
  // About the whole expression.
  if (line === 0) return message
  const head = `ERROR: <input>:${line}:${column + 1}: ${message}`
  const text = lines[line - 1]
  if (text === undefined) return head
  return `${head}\n | ${text.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`
}
