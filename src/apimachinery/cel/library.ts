import type { CallSite, CelFunction } from './functions.ts'
import { arithmetic } from './libraries/arithmetic.ts'
import { authorizerLibrary } from './libraries/authorizer.ts'
import { comparisons } from './libraries/comparisons.ts'
import { containers } from './libraries/containers.ts'
import { conversions } from './libraries/conversions.ts'
import { formatLibrary } from './libraries/format.ts'
import { ipLibrary } from './libraries/ip.ts'
import { jsonPatchLibrary } from './libraries/json-patch.ts'
import { listLibrary } from './libraries/lists.ts'
import { logic } from './libraries/logic.ts'
import { mathLibrary } from './libraries/math.ts'
import { optionals } from './libraries/optionals.ts'
import { quantityLibrary } from './libraries/quantity.ts'
import { regexLibrary } from './libraries/regex.ts'
import { semverLibrary } from './libraries/semver.ts'
import { setLibrary } from './libraries/sets.ts'
import { stringLibrary } from './libraries/strings.ts'
import { timeAccessors } from './libraries/time.ts'
import { urlLibrary } from './libraries/url.ts'
import { isOfType } from './type-of-value.ts'
import { type CelValue, noOverload } from './values.ts'

const all: readonly CelFunction[] = [
  ...logic,
  ...arithmetic,
  ...comparisons,
  ...containers,
  ...conversions,
  ...timeAccessors,
  ...optionals,
  ...stringLibrary,
  ...mathLibrary,
  ...setLibrary,
  ...listLibrary,
  ...regexLibrary,
  ...urlLibrary,
  ...ipLibrary,
  ...quantityLibrary,
  ...semverLibrary,
  ...formatLibrary,
  ...authorizerLibrary,
  ...jsonPatchLibrary,
]

const byName: ReadonlyMap<string, CelFunction> = new Map(
  Array.from(
    Map.groupBy(all, ({ name }) => name),
    ([name, parts]) => [name, parts.length === 1 ? (parts[0] as CelFunction) : joined(name, parts)],
  ),
)

export const functionNamed = (name: string): CelFunction | undefined => byName.get(name)

/** Functions of several libraries may share a name: their arguments tell them apart. */
function joined(name: string, parts: readonly CelFunction[]): CelFunction {
  const partOf = (args: readonly CelValue[]): CelFunction => {
    for (const part of parts) if (accepts(part, args)) return part
    throw noOverload()
  }
  return {
    name,
    signatures: parts.flatMap(({ signatures }) => signatures),
    evaluate: (args: readonly CelValue[], site: CallSite) => partOf(args).evaluate(args, site),
    cost: {
      actual: (args, result) => partOf(args).cost?.actual(args, result) ?? 1,
      estimate: args => {
        const part = parts.find(
          ({ cost, signatures }) => cost && signatures.some(one => fitsShape(one.parameters[0]?.kind, args[0]?.isList)),
        )
        return part?.cost?.estimate(args) ?? { cost: { min: 1, max: 1 } }
      },
    },
  }
}

const fitsShape = (kind: string | undefined, isList: boolean | undefined): boolean => (kind === 'list') === (isList === true)

const accepts = ({ signatures }: CelFunction, args: readonly CelValue[]): boolean =>
  signatures.some(
    ({ parameters }) => parameters.length === args.length && parameters.every((type, index) => isOfType(args[index] as CelValue, type)),
  )
