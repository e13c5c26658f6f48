/** `node test/fuzz/run.ts [--cases 1000000] [--seed N] [--only TARGET]`: as many cases as asked for, spread evenly over the targets. */
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/base/clock.ts'
import { fuzz, targets } from './index.ts'

const clock = systemClock()
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(clock.now() % 1_000_000_000) },
    only: { type: 'string' },
  },
})
const names = values.only === undefined ? Object.keys(targets) : [values.only]
const each = Math.ceil(Number(values.cases) / names.length)
for (const name of names) {
  const start = clock.now()
  await fuzz(name, each, Number(values.seed), clock)
  console.log(`${name}: ${each} cases from seed ${values.seed} hold, ${((clock.now() - start) / 1000).toFixed(1)} s`)
}
