import { randomId } from '../ids.ts'

/** The keys of one Tintype in its bucket, which it may share with other software and with other Tintypes. */
export interface Keys {
  /**
   * A fresh key: `<prefix>media/<128 random bits>/<variant>.<ext>`. Keys are never reused and never hold anything that
   * a client sent. The random part comes right after the prefix, so load spreads over S3's partitions.
   *
   * @param folder the random part, the same for objects of different names that are stored together. In each index of the
   *   ledger their keys are adjacent, so that an upload changes one page of it, and not one for each object
   * @example makeKey('original', 'jpg') // 'media/nEc1…/original.jpg'
   */
  makeKey(variant: string, ext: string, folder?: string): string
  /** What all of them begin with: nothing else in the bucket is ever listed or deleted. */
  keyPrefix: string
  /** Where the heartbeat of this ledger is noted, beside the media. */
  heartbeatKey(ledgerId: string): string
}

/** @param prefix of the app's choice, with a slash at its end: `photos/` */
export function createKeys(prefix = ''): Keys {
  const keyPrefix = `${prefix}media/`
  return {
    keyPrefix,
    makeKey: (variant, ext, folder = randomId()) => `${keyPrefix}${folder}/${variant}.${ext}`,
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
