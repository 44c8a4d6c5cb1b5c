/**
 * Normalises what is equal to AWS: order of keys, order in lists of words, a list of one word and the word.
 * IAM returns a policy as it was written, S3 in its own form.
 *
 * @example canonical({ Action: ['s3:GetObject'] }) === canonical({ Action: 's3:GetObject' })
 */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (!value.every((one) => typeof one === 'string')) return value.map(sorted)
    return value.length === 1 ? value[0] : value.toSorted()
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]),
  )
}
