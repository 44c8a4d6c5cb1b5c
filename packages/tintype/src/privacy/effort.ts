/**
 * What it may cost to look through one file, with all files in it: more than real files have, and part of a second. A file
 * is looked through on the thread that serves all requests, and can be made so that each of its bytes is read a thousand
 * times.
 */
const most = {
  /** Bytes of what may be texts. */
  texts: 8 * 1024 * 1024,
  /** Letters that may be those of a position: a text is read in each of the encodings that it may have. */
  letters: 2 * 1024 * 1024,
  /** Bytes of compressed texts. */
  inflated: 2 * 1024 * 1024,
  /** Bytes of XMP. Photoshop's longest histories have some megabytes. */
  xmp: 4 * 1024 * 1024,
  /** Entries of Exif: a camera writes some hundred. */
  tags: 20_000,
  /** Texts that have a name of their own, and blocks of a GIF or WebP beside the picture. */
  items: 20_000,
}

/** @returns whether the file may cost so much more. What it may not is taken for private, without a look. */
export type Spend = (on: keyof typeof most, amount: number) => boolean

export function createEffort(): Spend {
  const left = { ...most }
  return (on, amount) => {
    left[on] -= amount
    return left[on] >= 0
  }
}
