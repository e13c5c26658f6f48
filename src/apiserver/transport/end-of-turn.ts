import type { Clock } from '../../base/clock.ts'

/** Runs what is put off until all that happens in this turn of the event loop has happened: one wait serves all. */
export function createEndOfTurn(clock: Clock): (run: () => void) => void {
  let turn: Promise<void> | undefined
  return run => {
    turn ??= clock.yield().then(() => {
      turn = undefined
    })
    void turn.then(run)
  }
}
