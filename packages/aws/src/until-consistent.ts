/** Waits; injected, so that tests do not. Milliseconds. */
export type Sleep = (ms: number) => Promise<void>

/**
 * IAM and S3 are eventually consistent: what has just been made may be unknown for some seconds elsewhere. Tries
 * again with doubled waits, about 30 s in all, as long as the error can be of that kind.
 *
 * @example await untilConsistent(() => aws.send(call), { sleep, isEarly: (error) => errorCode(error) === 'NoSuchEntity' })
 */
export async function untilConsistent<T>(
  work: () => Promise<T>,
  { sleep, isEarly }: { sleep: Sleep; isEarly: (error: unknown) => boolean },
): Promise<T> {
  for (let wait = 500; ; wait *= 2) {
    try {
      return await work()
    } catch (error) {
      if (!isEarly(error) || wait > 16_000) throw error
      await sleep(wait)
    }
  }
}
