/** Indexes of an indexed job, in the form in which its status lists them: `1,3-5,7`. */
export interface IndexSet {
  readonly size: number
  has(index: number): boolean
  readonly text: string
}

type Interval = readonly [first: number, last: number]

/** What a status or policy says together with more indexes; those from `completions` on are left out. */
export function indexSet(text: string | undefined, completions: number, more: readonly number[] = []): IndexSet {
  const listed: Interval[] = text ? text.split(',').map(parseInterval) : []
  const all = [...listed, ...more.map((index): Interval => [index, index])]
    .filter(([first]) => first < completions)
    .map(([first, last]): Interval => [first, Math.min(last, completions - 1)])
    .sort(([left], [right]) => left - right)
  const intervals = joined(all)
  return {
    size: intervals.reduce((total, [first, last]) => total + last - first + 1, 0),
    has: index => isWithin(intervals, index),
    get text() {
      return intervals.map(formatInterval).join(',')
    },
  }
}

function parseInterval(part: string): Interval {
  const [first = 0, last = first] = part.split('-').map(Number)
  return [first, last]
}

/** Two neighbours are listed one by one, more as a range. */
const formatInterval = ([first, last]: Interval): string =>
  last === first ? String(first) : `${first}${last === first + 1 ? ',' : '-'}${last}`

function joined(ordered: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const [first, last] of ordered) {
    const previous = result.at(-1)
    if (previous && first <= previous[1] + 1) result[result.length - 1] = [previous[0], Math.max(previous[1], last)]
    else result.push([first, last])
  }
  return result
}

function isWithin(intervals: readonly Interval[], index: number): boolean {
  let low = 0
  let high = intervals.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const [first, last] = intervals[middle] as Interval
    if (index < first) high = middle - 1
    else if (index > last) low = middle + 1
    else return true
  }
  return false
}
