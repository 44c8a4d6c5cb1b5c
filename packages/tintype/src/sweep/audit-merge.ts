interface Keyed {
  key: string
}

/** The items of two sequences for one key; at least one is defined. */
export type Pair<L, R> = [L | undefined, R | undefined]

/**
 * Walks two ordered sequences side by side, in constant memory. Both come in pages of any size, and so do the pairs:
 * one promise per key would cost more than everything else.
 *
 * @param size pairs in a page at the most
 * @throws Error when one of them is not in the order of UTF-8 bytes, as listings of S3 directory buckets are not
 */
export async function* pairByKey<L extends Keyed, R extends Keyed>(
  leftPages: AsyncGenerator<L[]>,
  rightPages: AsyncGenerator<R[]>,
  size: number,
): AsyncGenerator<Pair<L, R>[]> {
  const lefts = createCursor(leftPages)
  const rights = createCursor(rightPages)
  try {
    for (;;) {
      await lefts.fill()
      await rights.fill()
      const pairs: Pair<L, R>[] = []
      while (pairs.length < size && lefts.isFilled && rights.isFilled) {
        const [left, right] = [lefts.current, rights.current]
        if (!left && !right) break
        const order = !left ? 1 : !right ? -1 : compareBytes(left.key, right.key)
        pairs.push([order <= 0 ? left : undefined, order >= 0 ? right : undefined])
        if (order <= 0) lefts.advance()
        if (order >= 0) rights.advance()
      }
      if (pairs.length === 0) return
      yield pairs
    }
  } finally {
    await Promise.all([leftPages.return(undefined), rightPages.return(undefined)])
  }
}

/** Two sequences as one. @throws as {@link pairByKey} */
export async function* mergeByKey<T extends Keyed>(
  a: AsyncGenerator<T[]>,
  b: AsyncGenerator<T[]>,
  size: number,
): AsyncGenerator<T[]> {
  for await (const pairs of pairByKey(a, b, size)) {
    yield pairs.flatMap((pair) => pair.filter((one) => one !== undefined))
  }
}

function createCursor<T extends Keyed>(pages: AsyncGenerator<T[]>) {
  let page: T[] = []
  let at = 0
  let ended = false
  let last: string | undefined
  return {
    get current(): T | undefined {
      return page[at]
    },
    /** False: what comes next is not known before {@link fill}. */
    get isFilled(): boolean {
      return ended || at < page.length
    },
    advance(): void {
      last = page[at]?.key
      at += 1
      const next = page[at]
      if (next) check(next)
    },
    async fill(): Promise<void> {
      while (!ended && at >= page.length) {
        const { value, done } = await pages.next()
        ended = done === true
        page = done ? [] : value
        at = 0
        if (page[0]) check(page[0])
      }
    },
  }

  function check({ key }: T): void {
    if (last !== undefined && compareBytes(last, key) >= 0) {
      throw new Error(`The keys are not in the order of their bytes: ${key} came after ${last}.`)
    }
  }
}

/** The order of S3's listings, which is not that of JavaScript's strings. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  return isAscii(a) && isAscii(b) ? (a < b ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text)
