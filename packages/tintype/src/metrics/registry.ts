/** Few and fixed values, never from a client: each combination stays in memory as long as the process lives. */
export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels: Labels, by?: number): void
}

export interface Histogram {
  observe(labels: Labels, value: number): void
}

export interface Sample {
  labels?: Labels
  value: number
}

/** Numbers for a Prometheus server. */
export interface Registry {
  /** Only ever grows. Its name ends in `_total`. */
  counter(name: string, help: string): Counter
  /** @param bounds upper ends of the buckets, ascending */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram
  /** A value read at each scrape. Left out when it can't be read: a scrape must not fail because of one number. */
  read(
    type: 'gauge' | 'counter',
    name: string,
    help: string,
    samples: () => Sample[] | Promise<Sample[]>,
  ): void
  /** @returns the text exposition format 0.0.4 https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): Promise<string>
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

export function createRegistry(): Registry {
  const families: { name: string; help: string; type: string; lines: () => string[] | Promise<string[]> }[] =
    []
  const line = (name: string, { labels = {}, value }: Sample) => `${name}${format(labels)} ${value}`

  return {
    counter(name, help) {
      const values = new Map<string, Sample>()
      families.push({
        name,
        help,
        type: 'counter',
        lines: () => [...values.values()].map((v) => line(name, v)),
      })
      return {
        add(labels, by = 1) {
          const one = entry(values, labels, () => ({ labels, value: 0 }))
          one.value += by
        },
      }
    },

    histogram(name, help, bounds) {
      const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>()
      const lines = () =>
        [...series.values()].flatMap(({ labels, counts, sum, count }) => [
          ...bounds.map((le, i) =>
            line(`${name}_bucket`, { labels: { ...labels, le: String(le) }, value: counts[i] ?? 0 }),
          ),
          line(`${name}_bucket`, { labels: { ...labels, le: '+Inf' }, value: count }),
          line(`${name}_sum`, { labels, value: sum }),
          line(`${name}_count`, { labels, value: count }),
        ])
      families.push({ name, help, type: 'histogram', lines })
      return {
        observe(labels, value) {
          const one = entry(series, labels, () => ({ labels, counts: bounds.map(() => 0), sum: 0, count: 0 }))
          one.sum += value
          one.count += 1
          // Buckets are cumulative.
          for (let i = bounds.length - 1; i >= 0 && value <= (bounds[i] as number); i--) {
            one.counts[i] = (one.counts[i] as number) + 1
          }
        },
      }
    },

    read(type, name, help, samples) {
      families.push({ name, help, type, lines: async () => (await samples()).map((v) => line(name, v)) })
    },

    async text() {
      const all = await Promise.all(
        families.map(async ({ name, help, type, lines }) => [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} ${type}`,
          ...(await Promise.resolve(lines()).catch(() => [])),
        ]),
      )
      return `${all.flat().join('\n')}\n`
    },
  }
}

/** The labels of one metric have the same names, in the same order, every time. */
function entry<T>(map: Map<string, T>, labels: Labels, make: () => T): T {
  const key = Object.values(labels).join('\0')
  let found = map.get(key)
  if (!found) {
    found = make()
    map.set(key, found)
  }
  return found
}

function format(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function quote(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `"${escaped}"`
}
