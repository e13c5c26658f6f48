import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const maximumBytes = 10 * 1024 * 1024
const keptFiles = 3

/**
 * A log that never grows without bound: at 10 MiB it becomes `.1`, and three old ones are kept. A disk that takes no more ends nobody
 * who logs: lines are lost, and the first one that is written again says how many.
 */
export function openLogFile(path: string): { write(line: string): void; close(): void } {
  mkdirSync(dirname(path), { recursive: true })
  let file: number | undefined = openSync(path, 'a', 0o644)
  let size = fstatSync(file).size
  let lost = 0
  const rotate = (old: number): number => {
    rmSync(`${path}.${keptFiles}`, { force: true })
    for (let number = keptFiles - 1; number >= 1; number--)
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    renameSync(path, `${path}.1`)
    const opened = openSync(path, 'a', 0o644)
    closeSync(old)
    size = 0
    return opened
  }
  return {
    write(line) {
      if (file === undefined) return
      try {
        if (size > maximumBytes) file = rotate(file)
        size += writeSync(file, lost === 0 ? line : `${lostLines(path, lost)}${line}`)
        lost = 0
      } catch {
        lost++
      }
    },
    /** What is logged afterwards is for nobody. */
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

const lostLines = (path: string, count: number): string =>
  `${JSON.stringify({ level: 'warn', message: `write ${path}: the disk took no more; ${count} lines before this one are lost` })}\n`
