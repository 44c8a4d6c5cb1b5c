import { randomId } from '../ids.ts'

/** The keys of one Tintype in its bucket, which it may share with other software and with other Tintypes. */
export interface Keys {
  /**
   * A fresh key: `<prefix>media/<folder>/<variant>.<ext>`. Keys are never reused and never hold anything that a client sent.
   *
   * @param folder the same for objects of different names that are stored together. @default one of {@link makeFolder}
   * @example makeKey('original', 'jpg') // 'media/nEc1…/original.jpg'
   */
  makeKey(variant: string, ext: string, folder?: string): string
  /**
   * 104 random bits after 24 that one process keeps for the next folders too: in each index of the ledger the keys of one upload
   * and of those beside it are adjacent, so that together they change few of its pages, however large it is. The random part comes
   * right after the prefix, so load spreads over S3's partitions.
   */
  makeFolder(): string
  /** What all of them begin with: nothing else in the bucket is ever listed or deleted. */
  keyPrefix: string
  /** Where the heartbeat of this ledger is noted, beside the media. */
  heartbeatKey(ledgerId: string): string
}

/** Folders that begin alike. */
const run = 256
/** Of 6 bits each. */
const shared = 4
let [start, left] = ['', 0]

function makeFolder(): string {
  if (left === 0) [start, left] = [randomId().slice(0, shared), run]
  left -= 1
  return start + randomId().slice(shared)
}

/** @param prefix of the app's choice, with a slash at its end: `photos/` */
export function createKeys(prefix = ''): Keys {
  const keyPrefix = `${prefix}media/`
  return {
    keyPrefix,
    makeKey: (variant, ext, folder = makeFolder()) => `${keyPrefix}${folder}/${variant}.${ext}`,
    makeFolder,
    heartbeatKey: (ledgerId) => `${prefix}tintype-heartbeat/${ledgerId}.json`,
  }
}

/**
 * A key that no media ever has, for trying whether the bucket answers. It has the prefix, since the app's policy may
 * admit it to nothing else.
 */
export function checkKey(name: string, prefix = ''): string {
  return `${prefix}tintype-check/${name}`
}
