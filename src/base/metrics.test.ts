import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMetrics, type Labels } from './metrics.ts'
import { measureProcess } from './process-metrics.ts'

describe('metrics', () => {
  test('of the process are those that every scraper knows', () => {
    const metrics = createMetrics()
    measureProcess(metrics)
    const values = new Map(
      metrics
        .render()
        .split('\n')
        .filter(line => line && !line.startsWith('#'))
        .map(line => line.split(' ') as [string, string]),
    )
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds', 'process_open_fds'])
      assert.ok(Number(values.get(name)) > 0, name)
  })

  test('are rendered in the text format', () => {
    const metrics = createMetrics()
    const requests = metrics.counter('requests_total', 'Requests.')
    requests.add({ verb: 'GET', path: 'a"b\\c\nd' })
    requests.add({ verb: 'GET', path: 'a"b\\c\nd' }, 2)
    requests.add()
    metrics.gauge('temperature', 'How warm.').set(20.5, { room: 'base' })
    metrics.gauge('now', 'Read when asked.', () => 7)
    assert.equal(
      metrics.render(),
      [
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        'requests_total{verb="GET",path="a\\"b\\\\c\\nd"} 3',
        'requests_total 1',
        '# HELP temperature How warm.',
        '# TYPE temperature gauge',
        'temperature{room="base"} 20.5',
        '# HELP now Read when asked.',
        '# TYPE now gauge',
        'now 7',
        '',
      ].join('\n'),
    )
  })

  test('are rendered by name, and those that are removed no more', () => {
    const metrics = createMetrics()
    const probes = metrics.counter('probes_total', 'Probes.')
    const labels = { pod: 'a' }
    probes.add(labels)
    probes.add({ pod: 'b' })
    metrics.counter('others_total', 'Others.').add()
    probes.remove(labels)
    probes.remove({ pod: 'never' })
    assert.equal(
      metrics.render(name => name === 'probes_total'),
      '# HELP probes_total Probes.\n# TYPE probes_total counter\nprobes_total{pod="b"} 1\n',
    )
  })

  test('a histogram counts into its buckets, cumulatively', () => {
    const metrics = createMetrics()
    const duration = metrics.histogram('duration_seconds', 'Time.', [0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 3]) duration.observe(value, { verb: 'GET' })
    assert.match(
      metrics.render(),
      /_bucket\{verb="GET",le="0\.1"\} 2\n.*_bucket\{verb="GET",le="1"\} 3\n.*_bucket\{verb="GET",le="\+Inf"\} 4\n.*_sum\{verb="GET"\} 3\.65\n.*_count\{verb="GET"\} 4\n/,
    )
  })

  test('buckets must ascend, each once', () => {
    assert.throws(() => createMetrics().histogram('a', 'A.', [0.1, 0.1]), /make histogram a: its buckets do not ascend/)
  })

  test('the same name is the same metric', () => {
    const metrics = createMetrics()
    metrics.counter('a_total', 'A.').add()
    metrics.counter('a_total', 'A.').add()
    assert.match(metrics.render(), /\na_total 2\n$/)
  })

  test('labels of one object are formatted once, whatever is measured with them', () => {
    let reads = 0
    const labels: Labels = {
      get verb() {
        reads++
        return 'GET'
      },
    }
    const metrics = createMetrics()
    const counter = metrics.counter('a_total', 'A.')
    const gauge = metrics.gauge('b', 'B.')
    const histogram = metrics.histogram('c', 'C.', [1])
    for (const measure of [() => counter.add(labels), () => gauge.set(1, labels), () => histogram.observe(1, labels)]) {
      reads = 0
      for (let count = 0; count < 5; count++) measure()
      assert.equal(reads, 1)
    }
    assert.match(metrics.render(), /a_total\{verb="GET"\} 5\n/)
  })

  test('different objects with the same labels are one series', () => {
    const metrics = createMetrics()
    const counter = metrics.counter('a_total', 'A.')
    counter.add({ verb: 'GET' })
    counter.add({ verb: 'GET' })
    assert.match(metrics.render(), /a_total\{verb="GET"\} 2\n$/)
  })
})
