interface Keyed {
  key: string
}

/**
 * Two sequences in the order of UTF-8 bytes, as one.
 * @throws Error when one of them is in another order: then nothing that is compared along the way holds
 */
export async function* mergeByKey<T extends Keyed>(
  a: AsyncGenerator<T>,
  b: AsyncGenerator<T>,
): AsyncGenerator<T> {
  for await (const [left, right] of pairByKey(a, b)) {
    if (left) yield left
    if (right) yield right
  }
}

/**
 * Walks two ordered sequences side by side, in constant memory: each key of either, with what each has for it.
 * @throws Error when one of them is not in the order of UTF-8 bytes, as listings of S3 directory buckets are not
 */
export async function* pairByKey<L extends Keyed, R extends Keyed>(
  lefts: AsyncGenerator<L>,
  rights: AsyncGenerator<R>,
): AsyncGenerator<[L | undefined, R | undefined]> {
  const [nextLeft, nextRight] = [inOrder(lefts), inOrder(rights)]
  let left = await nextLeft()
  let right = await nextRight()
  try {
    while (left || right) {
      const order = !left ? 1 : !right ? -1 : compareBytes(left.key, right.key)
      yield [order <= 0 ? left : undefined, order >= 0 ? right : undefined]
      if (order <= 0) left = await nextLeft()
      if (order >= 0) right = await nextRight()
    }
  } finally {
    await Promise.all([lefts.return(undefined), rights.return(undefined)])
  }
}

/** The same, several at a time. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function inOrder<T extends Keyed>(items: AsyncGenerator<T>): () => Promise<T | undefined> {
  let last: string | undefined
  return async () => {
    const { value, done } = await items.next()
    if (done) return undefined
    if (last !== undefined && compareBytes(last, value.key) >= 0) {
      throw new Error(`The keys are not in the order of their bytes: ${value.key} came after ${last}.`)
    }
    last = value.key
    return value
  }
}

/** The order of S3's listings, which is not that of JavaScript's strings. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
