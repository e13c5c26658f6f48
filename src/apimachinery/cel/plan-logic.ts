import type { Frame, Step } from './plan.ts'
import { CelFailure, type CelValue, noOverload } from './values.ts'

/** The operators that may ignore what an operand comes to, or that it fails; undefined for any other function. */
export function planLogic(name: string, args: readonly Step[]): Step | undefined {
  const [first, second, third] = args as [Step, Step, Step]
  switch (name) {
    case '_&&_':
      return shortCircuit(false, first, second)
    case '_||_':
      return shortCircuit(true, first, second)
    case '_?_:_':
      return frame => {
        const condition = first(frame)
        if (typeof condition !== 'boolean') throw noOverload()
        return condition ? second(frame) : third(frame)
      }
    case '@not_strictly_false':
      return frame => {
        const value = attempt(first, frame)
        frame.charge(1)
        return value !== false
      }
    default:
      return undefined
  }
}

/** Either operand may settle it alone, even if the other one fails. */
const shortCircuit =
  (settling: boolean, left: Step, right: Step): Step =>
  frame => {
    const first = attempt(left, frame)
    if (first === settling) return settling
    const second = attempt(right, frame)
    if (second === settling) return settling
    if (first instanceof CelFailure) throw first
    if (second instanceof CelFailure) throw second
    if (typeof first !== 'boolean' || typeof second !== 'boolean') throw noOverload()
    return !settling
  }

/** A failure as a value; only the cost limit ends everything. */
export function attempt(step: Step, frame: Frame): CelValue | CelFailure {
  try {
    return step(frame)
  } catch (error) {
    if (error instanceof CelFailure && !error.costExceeded) return error
    throw error
  }
}
