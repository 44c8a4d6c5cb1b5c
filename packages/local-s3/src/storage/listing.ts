/** Which stretch of a listing is wanted. */
export interface ListOptions {
  prefix: string
  /** Keys with the same beginning up to here are rolled up. Empty: no rolling up. */
  delimiter: string
  /** Only keys (and rolled-up prefixes) after this one. Empty: from the start. */
  after: string
  /** Where to begin, if not right after `after`. */
  from?: string | undefined
  /** At most this many keys and rolled-up prefixes together. */
  max: number
}

/** A page, in the order of UTF-8 bytes. */
export interface Page<Row> {
  rows: Row[]
  prefixes: string[]
  /** The last key or prefix of the page, if more follows: the next page is `after` it. */
  next: string | undefined
}

/**
 * One page. Reads only what it returns, plus one row per rolled-up prefix, however many keys are
 * under that prefix.
 *
 * @param scan the rows from a key on (included), in order, as lazily as they are consumed
 */
export function listPage<Row extends { key: string }>(
  scan: (from: string) => Iterable<Row>,
  { prefix, delimiter, after, from: begin, max }: ListOptions,
): Page<Row> {
  const page: Page<Row> = { rows: [], prefixes: [], next: undefined }
  if (max === 0) return page
  let last = ''
  let from: string | undefined = laterOf(prefix, begin ?? (after === '' ? '' : `${after}\0`))
  while (from !== undefined) {
    const rows = scan(from)
    from = undefined
    for (const row of rows) {
      if (!row.key.startsWith(prefix)) return page
      const common = commonPrefix(row.key, prefix, delimiter)
      const isOver = page.rows.length + page.prefixes.length >= max
      if (common === undefined) {
        if (isOver) return { ...page, next: last }
        page.rows.push(row)
        last = row.key
        continue
      }
      if (compareBytes(common, after) > 0) {
        if (isOver) return { ...page, next: last }
        page.prefixes.push(common)
        last = common
      }
      from = successor(common)
      break
    }
  }
  return page
}

/** The least text after all texts that start so, in the order of UTF-8; undefined if there is none. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0
    // Surrogates are no characters of UTF-8.
    const next = point === 0xd7ff ? 0xe000 : point + 1
    if (next <= 0x10ffff) return points.join('') + String.fromCodePoint(next)
  }
  return undefined
}

/** UTF-8 byte order, which is not the order of JavaScript's strings. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function laterOf(a: string, b: string): string {
  return compareBytes(a, b) >= 0 ? a : b
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}
