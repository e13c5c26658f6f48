/**
 * Metrics in the Prometheus text format. Each cluster has a registry of its own; names are upstream's.
 */
export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels?: Labels, value?: number): void
  /** What these labels are about is gone, and nobody will ask for its total again. */
  remove(labels: Labels): void
}
export interface Gauge {
  set(value: number, labels?: Labels): void
}
export interface Histogram {
  observe(value: number, labels?: Labels): void
}

export interface MetricsRegistry {
  /** With `read`, the total is taken when somebody asks for it. */
  counter(name: string, help: string, read?: () => number): Counter
  /** With `read`, the value is taken when somebody asks for it; a `read` that sets labelled values itself returns undefined. */
  gauge(name: string, help: string, read?: () => number | undefined): Gauge
  histogram(name: string, help: string, buckets: readonly number[]): Histogram
  /** The text exposition format, version 0.0.4; of some metrics only, by their names. */
  render(wanted?: (name: string) => boolean): string
}

interface Metric {
  render(): string
}

export function createMetrics(): MetricsRegistry {
  const metrics = new Map<string, Metric>()
  // The same name asked for twice is the same metric, so that rooms need not share handles.
  const once = <T extends Metric>(name: string, make: () => T): T => {
    const existing = metrics.get(name) as T | undefined
    if (existing) return existing
    const metric = make()
    metrics.set(name, metric)
    return metric
  }
  return {
    counter: (name, help, read) => once(name, () => createCounter(name, help, read)),
    gauge: (name, help, read) => once(name, () => createGauge(name, help, read)),
    histogram: (name, help, buckets) => once(name, () => createHistogram(name, help, buckets)),
    render: (wanted = () => true) => [...metrics].map(([name, metric]) => (wanted(name) ? metric.render() : '')).join(''),
  }
}

function createCounter(name: string, help: string, read?: () => number): Counter & Metric {
  const values = new Map<string, number>()
  const keyOf = labelKeys()
  return {
    add(labels, value = 1) {
      const key = keyOf(labels)
      values.set(key, (values.get(key) ?? 0) + value)
    },
    remove: labels => void values.delete(keyOf(labels)),
    render() {
      if (read) values.set('', read())
      return header(name, help, 'counter') + renderValues(name, values)
    },
  }
}

function createGauge(name: string, help: string, read?: () => number | undefined): Gauge & Metric {
  const values = new Map<string, number>()
  const keyOf = labelKeys()
  return {
    set: (value, labels) => void values.set(keyOf(labels), value),
    render() {
      const value = read?.()
      if (value !== undefined) values.set('', value)
      return header(name, help, 'gauge') + renderValues(name, values)
    },
  }
}

function createHistogram(name: string, help: string, buckets: readonly number[]): Histogram & Metric {
  // A bucket that comes twice is a series that comes twice, which scrapers refuse.
  if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? bound)))
    throw new Error(`make histogram ${name}: its buckets do not ascend: ${buckets.join(', ')}`)
  const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>()
  const keyOf = labelKeys()
  return {
    observe(value, labels = noLabels) {
      const key = keyOf(labels)
      let entry = series.get(key)
      if (!entry) {
        entry = { labels, counts: buckets.map(() => 0), sum: 0, count: 0 }
        series.set(key, entry)
      }
      entry.sum += value
      entry.count++
      const bucket = buckets.findIndex(bound => value <= bound)
      if (bucket >= 0) entry.counts[bucket] = (entry.counts[bucket] ?? 0) + 1
    },
    render() {
      let text = header(name, help, 'histogram')
      for (const { labels, counts, sum, count } of series.values()) {
        let cumulative = 0
        for (const [index, bound] of buckets.entries()) {
          cumulative += counts[index] ?? 0
          text += `${name}_bucket${formatLabels({ ...labels, le: String(bound) })} ${cumulative}\n`
        }
        text += `${name}_bucket${formatLabels({ ...labels, le: '+Inf' })} ${count}\n`
        text += `${name}_sum${formatLabels(labels)} ${sum}\n${name}_count${formatLabels(labels)} ${count}\n`
      }
      return text
    },
  }
}

const header = (name: string, help: string, type: string) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

function renderValues(name: string, values: ReadonlyMap<string, number>): string {
  let text = ''
  for (const [labels, value] of values) text += `${name}${labels} ${value}\n`
  return text
}

const noLabels: Labels = Object.freeze({})

/** Formats labels once for each object: who counts often keeps its label objects. */
function labelKeys(): (labels: Labels | undefined) => string {
  const keys = new WeakMap<Labels, string>()
  return labels => {
    if (!labels) return ''
    let key = keys.get(labels)
    if (key === undefined) {
      key = formatLabels(labels)
      keys.set(labels, key)
    }
    return key
  }
}

function formatLabels(labels?: Labels): string {
  if (!labels) return ''
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"\n]/g, escapeLabel)}"`)
  return pairs.length ? `{${pairs.join(',')}}` : ''
}

const escapeLabel = (character: string) => (character === '\n' ? '\\n' : `\\${character}`)
