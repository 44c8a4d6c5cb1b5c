/** A copy for a hook, which is made when the hook first asks for it. */
export interface CopyOnce {
  /** @throws {Error} where it was not made in time */
  get(): Buffer
  /** Nothing is copied any more. */
  end(): void
}

/**
 * Many hooks look at a file's size and name alone, and what a copy costs is less its making than that V8 collects garbage
 * the more often for it: with one for each photo of 200 KB, an upload costs half as much again.
 *
 * @param copy must not be called after the upload: its memory is another upload's then
 */
export function copyOnce(copy: () => Buffer): CopyOnce {
  let own: Buffer | undefined
  let isOver = false
  return {
    get() {
      if (!own && isOver) throw new Error('The bytes are gone: read them before the hook has ended.')
      own ??= copy()
      return own
    },
    end() {
      isOver = true
    },
  }
}
