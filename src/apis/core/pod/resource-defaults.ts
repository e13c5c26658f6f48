import { formatQuantity, parseQuantity } from '../../../apimachinery/quantity.ts'
import type { ResourceRequirements } from '../container.ts'
import { withField } from '../sharing.ts'

type Quantities = Readonly<Record<string, string>>

const milli = 1_000_000n

/** Resources are counted in thousandths at the finest; what is finer is rounded up. */
export function roundResources(given: ResourceRequirements): ResourceRequirements {
  const resources = given.limits ? withField(given, 'limits', roundQuantities(given.limits)) : given
  return resources.requests ? withField(resources, 'requests', roundQuantities(resources.requests)) : resources
}

/** The same list when nothing in it is finer than a thousandth. */
export function roundQuantities(quantities: Quantities): Quantities {
  let rounded: Record<string, string> | undefined
  for (const name in quantities) {
    const quantity = quantities[name] as string
    if (!mayBeFiner.test(quantity)) continue
    const { nanos, format } = parseQuantity(quantity)
    const rest = nanos % milli
    if (rest === 0n) continue
    rounded ??= { ...quantities }
    rounded[name] = formatQuantity({ nanos: nanos - rest + (nanos > 0n ? milli : -milli), format })
  }
  return rounded ?? quantities
}

// Canonical quantities finer than thousandths have one of these suffixes, or a negative power of ten.
const mayBeFiner = /[nu]$|e-/
