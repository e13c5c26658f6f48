import assert from 'node:assert/strict'
import { StatusError } from '../../src/apimachinery/api-errors.ts'
import { serverSideApply, trackUpdate } from '../../src/apimachinery/apply/index.ts'
import {
  type Facts,
  ownershipModel,
  ownersIn,
  thingSchema,
  toFacts,
  toObject,
} from '../../src/apimachinery/apply/testing/ownership-model.ts'
import type { KubernetesObject } from '../../src/apimachinery/meta.ts'
import type { Dice } from './dice.ts'

const factNames = ['label a', 'label b', 'part x', 'part y', 'part z', 'host h', 'host i']

/** A few managers who apply, force and update in turn, against the rules of ownership said plainly over facts. */
export function fuzzApply(dice: Dice): void {
  const expected = ownershipModel()
  let live: KubernetesObject | undefined
  for (let step = dice.integer(1, 6); step > 0; step--) {
    const kind = dice.pick(['apply', 'apply', 'force', 'update'])
    const manager = dice.pick(['m', 'n'])
    const facts = someFacts(dice)
    const common = { schema: thingSchema, live, manager, apiVersion: 'v1', time: `2026-01-01T00:00:${10 - step}0Z` }
    if (kind === 'update') {
      const wanted = toObject(facts)
      const updated = { ...wanted, metadata: { ...wanted.metadata, managedFields: live?.metadata.managedFields } }
      live = { ...updated, metadata: { ...updated.metadata, managedFields: trackUpdate({ ...common, updated }) } }
      expected.update(`update ${manager}`, facts)
    } else {
      live = applied(kind === 'force', expected.apply(`apply ${manager}`, facts, kind === 'force'), facts, common) ?? live
    }
    assert.deepEqual(live ? toFacts(live) : {}, expected.facts())
    for (const fact of Object.keys(expected.facts()))
      assert.deepEqual(ownersIn(live?.metadata.managedFields ?? [], fact), expected.ownersOf(fact), fact)
  }
}

type Common = Omit<Parameters<typeof serverSideApply>[0], 'applied' | 'force'>

/** The object after an apply, undefined where it was refused, as the model says. */
function applied(force: boolean, accepted: boolean, facts: Facts, common: Common): KubernetesObject | undefined {
  try {
    const { object, managedFields } = serverSideApply({ ...common, applied: toObject(facts), force })
    assert.ok(accepted, 'a conflict was missed')
    return { ...object, metadata: { ...object.metadata, managedFields } }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    assert.ok(!accepted, error.message)
    return undefined
  }
}

const someFacts = (dice: Dice): Facts =>
  Object.fromEntries(factNames.filter(() => dice.once(2)).map(name => [name, name.startsWith('label') ? dice.pick(['1', '2']) : '']))
