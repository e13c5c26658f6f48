import { defineFunction } from '../functions.ts'
import { noOverload } from '../values.ts'

const planned = () => {
  throw noOverload()
}

/** Operators that may leave an operand alone are part of the plan; here stand their signatures. */
export const logic = [
  defineFunction('_&&_', ['(bool, bool) -> bool'], planned),
  defineFunction('_||_', ['(bool, bool) -> bool'], planned),
  defineFunction('_?_:_', ['(bool, T, T) -> T'], planned),
  defineFunction('@not_strictly_false', ['(bool) -> bool'], planned),
  defineFunction('!_', ['(bool) -> bool'], ([value]) => !value),
]
