import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { fuzz, targets } from './index.ts'

/** A part of what `node test/fuzz/run.ts` does, from another seed on every run; PROA_FUZZ_CASES asks for more. */
const cases = Number(process.env.PROA_FUZZ_CASES ?? 3000)

describe('random cases hold', () => {
  const clock = systemClock()
  for (const name of Object.keys(targets)) {
    it(name, async () => {
      const seed = clock.now() % 1_000_000_000
      console.log(`${name}: ${cases} cases from seed ${seed}`)
      await fuzz(name, cases, seed, clock)
    })
  }
})
