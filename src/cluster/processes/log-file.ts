import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const maximumBytes = 10 * 1024 * 1024
const keptFiles = 3

/** A log that never grows without bound: at 10 MiB it becomes `.1`, and three old ones are kept. */
export function openLogFile(path: string): { write(line: string): void; close(): void } {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, 'a', 0o644)
  let size = fstatSync(file).size
  const rotate = () => {
    closeSync(file)
    rmSync(`${path}.${keptFiles}`, { force: true })
    for (let number = keptFiles - 1; number >= 1; number--)
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    renameSync(path, `${path}.1`)
    file = openSync(path, 'a', 0o644)
    size = 0
  }
  return {
    write(line) {
      if (size > maximumBytes) rotate()
      size += writeSync(file, line)
    },
    close: () => closeSync(file),
  }
}
