/** @throws {RangeError} when there is nothing to take the median of */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** @param fraction 0.99 for p99 */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))]
  if (value === undefined) throw new RangeError('There are no values.')
  return value
}

/** Median of several rounds with the least and the most. */
export interface Spread {
  median: number
  least: number
  most: number
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

/** Round by round one divided by the other, so that whatever else the machine does meanwhile cancels out. */
export function ratios(values: readonly number[], base: readonly number[]): Spread {
  return spread(values.map((value, round) => value / (base[round] as number)))
}
