import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRegistry } from './registry.ts'

test('counters, gauges and cumulative buckets in the format of Prometheus', async () => {
  const registry = createRegistry()
  const uploads = registry.counter('uploads_total', 'Uploads.')
  uploads.add({ outcome: 'created' })
  uploads.add({ outcome: 'created' }, 2)
  uploads.add({ outcome: 'a "quoted" \\ value\n' })
  const seconds = registry.histogram('seconds', 'Time.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe({ route: '/media' }, value)
  registry.read('gauge', 'memory', 'Memory.', async () => [
    { value: 5 },
    { labels: { of: 'limit' }, value: 9 },
  ])
  assert.equal(
    await registry.text(),
    `# HELP uploads_total Uploads.
# TYPE uploads_total counter
uploads_total{outcome="created"} 3
uploads_total{outcome="a \\"quoted\\" \\\\ value\\n"} 1
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{route="/media",le="0.1"} 2
seconds_bucket{route="/media",le="1"} 3
seconds_bucket{route="/media",le="+Inf"} 4
seconds_sum{route="/media"} 7.65
seconds_count{route="/media"} 4
# HELP memory Memory.
# TYPE memory gauge
memory 5
memory{of="limit"} 9
`,
  )
})

test('a number that cannot be read is left out, and the others are told', async () => {
  const registry = createRegistry()
  registry.read('gauge', 'away', 'The database is away.', () => Promise.reject(new Error('away')))
  registry.read('gauge', 'broken', 'Throws at once.', () => {
    throw new Error('broken')
  })
  registry.read('gauge', 'here', 'Here.', () => [{ value: 1 }])
  assert.match(
    await registry.text(),
    /# TYPE away gauge\n# HELP broken .*\n# TYPE broken gauge\n# HELP here Here\.\n# TYPE here gauge\nhere 1\n/,
  )
})
