import { type CelValue, ListValue, MapValue, sizeOf } from './values.ts'

/** A number between two bounds; infinite where nothing bounds it. */
export interface Range {
  readonly min: number
  readonly max: number
}

export interface EstimatedArgument {
  readonly size: Range
  /** Of a list whose elements are text or bytes: their sizes. Absent for other elements; undefined type: no list. */
  readonly elementSize?: Range
  readonly isList: boolean
  readonly isText: boolean
  /** Of a whole number that is written out. */
  readonly number?: bigint
}

export interface CallEstimate {
  readonly cost: Range
  /** Of the result, where it has one. */
  readonly size?: Range
}

/** What a call costs: at run time from its values, before that from the sizes they may have. */
export interface CostModel {
  readonly actual: (args: readonly CelValue[], result: CelValue) => number
  readonly estimate: (args: readonly EstimatedArgument[]) => CallEstimate
  /** Sizes of arguments multiply: it is charged first, so that what nobody may afford is not begun. */
  readonly isChargedFirst?: boolean
  /** What is charged beside that once the result is there. */
  readonly ofResult?: (result: CelValue) => number
}

/** What looking at many small things costs, each: nothing until there are a hundred. */
const looking = 0.01

/** Counting what is in a map. */
export const counting: CostModel = {
  actual: ([value]) => 1 + (value instanceof MapValue ? Math.floor(value.size * looking) : 0),
  estimate: () => ({ cost: exactly(1) }),
}

/** What reading a character costs, and a character of a regular expression. */
const traversal = 0.1
const pattern = 0.25

export const exactly = (value: number): Range => ({ min: value, max: value })
export const unbounded: Range = { min: 0, max: Number.POSITIVE_INFINITY }
export const addRanges = (a: Range, b: Range): Range => ({ min: a.min + b.min, max: a.max + b.max })
export const unionOfRanges = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
export const multiplyRanges = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) })
export const scaleRange = (a: Range, factor: number): Range => ({ min: Math.ceil(a.min * factor), max: Math.ceil(a.max * factor) })

// Zero times infinity is nothing done.
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b)

const at = (args: readonly EstimatedArgument[], index: number): Range => args[index]?.size ?? unbounded
const actualSize = (args: readonly CelValue[], index: number): number => sizeOf(args[index] ?? null)

export const fixedCost = (cost: number): CostModel => ({ actual: () => cost, estimate: () => ({ cost: exactly(cost) }) })

/** One reading of an argument, `times` over. */
export const traversalOf = (index: number, times = 1): CostModel => ({
  actual: args => Math.ceil(actualSize(args, index) * times * traversal),
  estimate: args => ({ cost: scaleRange(at(args, index), times * traversal) }),
})

/** The same, with a result that is as long as the argument at most. */
export const traversalKeepingSize = (index: number, times = 1): CostModel => ({
  actual: args => Math.ceil(actualSize(args, index) * times * traversal),
  estimate: args => ({ cost: scaleRange(at(args, index), times * traversal), size: at(args, index) }),
})

/** Every letter may become two, and there are the quotes. */
export const quoting: CostModel = {
  actual: args => Math.ceil(actualSize(args, 0) * traversal),
  estimate: args => {
    const { min, max } = at(args, 0)
    return { cost: scaleRange({ min, max }, traversal), size: { min: min + 2, max: 2 * max + 2 } }
  },
}

export const comparison: CostModel = {
  actual: args => Math.ceil(Math.min(actualSize(args, 0), actualSize(args, 1)) * traversal),
  estimate: args => {
    const max = Math.min(at(args, 0).max, at(args, 1).max)
    // The first difference settles it.
    return { cost: scaleRange({ min: max > 0 ? 1 : 0, max }, traversal) }
  },
}

/** Which of two comes first: a number, or a text that is read as far as the first difference. */
export const order: CostModel = {
  actual: comparison.actual,
  estimate: args => (args.some(({ isText }) => isText) ? comparison.estimate(args) : { cost: exactly(1) }),
}

/** Lists are joined without copying their elements; text is copied. */
export const concatenation: CostModel = {
  actual: args => {
    const [first] = args
    // Sets and keyed lists are merged, which takes a look at every element.
    if (first instanceof ListValue && first.listType) return 1 + Math.floor((actualSize(args, 0) + actualSize(args, 1)) * looking)
    if (typeof first !== 'string' && !(first instanceof Uint8Array)) return 1
    return Math.ceil((actualSize(args, 0) + actualSize(args, 1)) * traversal)
  },
  estimate: args => {
    const size = addRanges(at(args, 0), at(args, 1))
    const { isList, isText } = args[0] ?? {}
    if (isList) return { cost: exactly(1), size }
    const { min, max } = scaleRange(size, traversal)
    // Numbers are added here too, and of bytes nobody sees here that they are some.
    return { cost: isText ? { min, max } : { min, max: Math.max(max, 1) }, size }
  },
}

export const membership: CostModel = {
  actual: args => {
    if (!(args[1] instanceof ListValue)) return 1
    // Upstream does not count the length of texts here; long ones take their time.
    return actualSize(args, 1) * (1 + Math.floor(actualSize(args, 0) * looking * looking))
  },
  estimate: args => ({ cost: args[1]?.isList ? at(args, 1) : exactly(1) }),
}

/** A regular expression over a text: their lengths multiply. */
export const patternSearch: CostModel = {
  actual: args => Math.ceil((1 + actualSize(args, 0)) * traversal) * Math.ceil(actualSize(args, 1) * pattern),
  estimate: args => {
    const text = scaleRange(addRanges(at(args, 0), exactly(1)), traversal)
    return { cost: multiplyRanges(text, scaleRange(at(args, 1), pattern)), size: { min: 0, max: at(args, 0).max } }
  },
  isChargedFirst: true,
}

/**
 * The same for every match: upstream counts none of them. We do where there are hundreds, since each takes as long as ten
 * units should.
 */
export const patternSearches: CostModel = {
  ...patternSearch,
  ofResult: found => 10 * Math.max(0, sizeOf(found) - 100),
}

export const containment: CostModel = {
  actual: args => Math.ceil(actualSize(args, 0) * traversal) * Math.ceil(actualSize(args, 1) * traversal),
  estimate: args => ({ cost: multiplyRanges(scaleRange(at(args, 0), traversal), scaleRange(at(args, 1), traversal)) }),
  isChargedFirst: true,
}

/** Each element once; before the values are known, their text may have to be read too. A text itself is read like any other. */
export const elementsTraversal: CostModel = {
  actual: ([list = null]) => (list instanceof ListValue ? list.size : Math.ceil(sizeOf(list) * traversal)),
  estimate: ([list]) => {
    if (!list) return { cost: exactly(1) }
    if (!list.isList) return { cost: scaleRange(list.size, traversal) }
    const each = list.elementSize ? addRanges(exactly(1), scaleRange(list.elementSize, traversal)) : exactly(1)
    return { cost: multiplyRanges(list.size, each), size: list.size }
  },
}

/** Every element with every other one. */
export const elementsProduct = (times: number): CostModel => ({
  actual: args => times * actualSize(args, 0) * actualSize(args, 1) + 1,
  estimate: args => ({ cost: addRanges(multiplyRanges(exactly(times), multiplyRanges(at(args, 0), at(args, 1))), exactly(1)) }),
  isChargedFirst: true,
})

/** Reading a text, and a pattern of a known length as often. */
export const patternOfLength = (index: number, length: number, longest: number): CostModel => ({
  actual: args => Math.ceil(actualSize(args, index) * traversal) * Math.ceil(length * pattern),
  estimate: args => ({ cost: multiplyRanges(scaleRange(at(args, index), traversal), exactly(Math.ceil(longest * pattern))) }),
})

/** Selectors are parsed into requirements of at least two letters each. */
export const selectorParsing: CostModel = {
  actual: args => selectorCost(actualSize(args, 1)),
  estimate: args => ({ cost: { min: selectorCost(at(args, 1).min), max: selectorCost(at(args, 1).max) } }),
}

const selectorCost = (length: number): number => 10 + Math.ceil(length / 2) * 50 + Math.ceil(length * traversal)

/** Work in proportion to what comes out. */
export const resultTraversal = (estimate: (args: readonly EstimatedArgument[]) => Range): CostModel => ({
  actual: (_, result) => Math.ceil(sizeOf(result) * 2 * traversal),
  estimate: args => {
    const size = estimate(args)
    return { cost: scaleRange(size, traversal), size }
  },
})

export const joining: CostModel = resultTraversal(args => {
  const [list, separator] = args
  const elements = multiplyRanges(list?.size ?? unbounded, list?.elementSize ?? unbounded)
  if (!list || !separator) return elements
  const gaps = { min: Math.max(0, list.size.min - 1), max: Math.max(0, list.size.max - 1) }
  return addRanges(elements, multiplyRanges(separator.size, gaps))
})

/** At worst every letter is a part, unless a limit is written out. Upstream takes the limits below zero, which are none, for huge. */
export const splitting: CostModel = {
  actual: args => Math.ceil(actualSize(args, 0) * 2 * traversal),
  estimate: args => {
    const limit = args[2]?.number
    const most = limit !== undefined && limit < 0n ? Number.POSITIVE_INFINITY : Number(limit ?? at(args, 0).max)
    return { cost: scaleRange(at(args, 0), 2 * traversal), size: { min: 0, max: most } }
  },
}

/** The result is longest when the shortest text is replaced by the longest as often as possible, and the other way round. */
export const replacing: CostModel = {
  // Upstream does not count what is added; we do where it is much, since somebody has to make it.
  actual: (args, result) => Math.ceil(Math.max(actualSize(args, 0), sizeOf(result) / 10) * 2 * traversal),
  estimate: args => {
    const [text, old, by] = [at(args, 0), at(args, 1), at(args, 2)]
    const longest = replacedSize(text.max, old.min, by.max, by.max <= old.min)
    const shortest = replacedSize(text.min, old.max, by.min, old.max <= by.min)
    return { cost: scaleRange(text, 2 * traversal), size: { min: Math.min(shortest, longest), max: longest } }
  },
}

function replacedSize(text: number, old: number, by: number, keepsSize: boolean): number {
  if (old === 0) return text + product(text + 1, by)
  return keepsSize ? text : product(Math.ceil(text / old), by)
}
