/**
 * Random cases from a printed seed, each held against an oracle: a model, another parser, or the way back. A target
 * gets dice and throws where something is wrong; the same seed gives the same case.
 */
import type { Clock } from '../../src/base/clock.ts'
import { fuzzApply } from './apply.ts'
import { fuzzCel } from './cel.ts'
import { type Dice, rollDice } from './dice.ts'
import { fuzzJson } from './json.ts'
import { fuzzObjects } from './objects.ts'
import { fuzzJsonPatch, fuzzMergePatch } from './patches.ts'
import { fuzzSelectors } from './selectors.ts'
import { fuzzStrategicMerge } from './strategic.ts'
import { fuzzYaml } from './yaml.ts'

export const targets: Readonly<Record<string, (dice: Dice) => void>> = {
  json: fuzzJson,
  yaml: fuzzYaml,
  objects: fuzzObjects,
  'json-patch': fuzzJsonPatch,
  'merge-patch': fuzzMergePatch,
  'strategic-merge': fuzzStrategicMerge,
  selectors: fuzzSelectors,
  apply: fuzzApply,
  cel: fuzzCel,
}

export async function fuzz(name: string, cases: number, seed: number, clock: Clock): Promise<void> {
  const target = targets[name]
  if (!target) throw new Error(`fuzz ${name}: there is no such target; there are ${Object.keys(targets).join(', ')}`)
  for (let index = 0; index < cases; index++) {
    if (index % 500 === 499) await clock.yield()
    try {
      target(rollDice(seed + index))
    } catch (error) {
      throw new Error(
        `fuzz ${name}: case of seed ${seed + index}; again with \`node test/fuzz/run.ts --only ${name} --seed ${seed + index} --cases 1\``,
        {
          cause: error,
        },
      )
    }
  }
}
