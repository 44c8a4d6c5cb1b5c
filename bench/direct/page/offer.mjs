/**
 * Lets the bench begin an upload of the file that it has chosen, and tell when the link is back.
 *
 * @param {(file: File, again: boolean) => Promise<unknown>} upload `again`: it has failed before, and somebody has
 * pressed Retry
 */
export function offer(upload) {
  const back = Promise.withResolvers()
  globalThis.restored = () => back.resolve()
  /** Presses Retry as soon as the link is back, where a failure is to be expected. */
  globalThis.run = async (isCut) => {
    const [file] = document.querySelector('input').files
    const begun = performance.now()
    for (let presses = 0; ; presses++) {
      try {
        await upload(file, presses > 0)
        return { seconds: (performance.now() - begun) / 1000, presses }
      } catch (error) {
        if (!isCut || presses === 3) throw error
        await back.promise
      }
    }
  }
}
