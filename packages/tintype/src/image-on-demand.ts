import { type ImageFormat, type ImageSize, imageWidthFor, uprightSize } from '@tintype/protocol'
import { noPicture, TintypeError } from './errors.ts'
import { imageName } from './image-names.ts'
import { shownDetails } from './inspect/details/kept-details.ts'
import { absent } from './media-api.ts'
import type { MediaRecords, MediaWithVariants } from './records/media-records.ts'
import type { VariantRow } from './records/schema.ts'
import { showsWhole, usualQuality, type VariantSpec } from './variants/variant-spec.ts'

/** A picture that somebody wants to see. */
export interface WantedPicture {
  /** Pixels. */
  width: number
  format: ImageFormat
}

export interface Asker {
  /** The owner of the media. */
  owner: string
  /** Aborts when the client has gone. */
  signal: AbortSignal
}

/**
 * Finds the variant that is as wide as somebody needs it, and has it made where there is none yet: once, however many ask,
 * in however many processes. Of a photo there are thirty at the most: the widths of the ladder, in three formats.
 *
 * @throws {TintypeError} `not_found`; `overloaded` when it can't be made in time; the signal's reason
 */
export type ImageOnDemand = (id: string, wanted: WantedPicture, asker: Asker) => Promise<VariantRow>

export interface ImageOnDemandOptions {
  media: Pick<MediaRecords, 'find'>
  /** Makes a variant once for all who ask, in whichever process. @throws as {@link ImageOnDemand} does */
  ask(mediaId: string, spec: VariantSpec): Promise<VariantRow>
}

/**
 * Requests that may wait for pictures of one owner, and in all: more than a page shows, and few enough that nobody fills
 * the line with work that takes minutes.
 */
const mostWaiting = { ofOwner: 200, inAll: 1000 }

export function createImageOnDemand({ media, ask }: ImageOnDemandOptions): ImageOnDemand {
  const waiting = new Map<string, number>()
  let all = 0

  async function make({ media: { id, owner } }: MediaWithVariants, spec: VariantSpec, signal: AbortSignal) {
    const ofOwner = waiting.get(owner) ?? 0
    if (ofOwner >= mostWaiting.ofOwner || all >= mostWaiting.inAll) throw busy()
    waiting.set(owner, ofOwner + 1)
    all++
    try {
      return await untilGone(signal, ask(id, spec))
    } finally {
      all--
      const left = (waiting.get(owner) ?? 1) - 1
      if (left === 0) waiting.delete(owner)
      else waiting.set(owner, left)
    }
  }

  return async (id, wanted, { owner, signal }) => {
    const found = await media.find(id, owner)
    if (!found) throw absent()
    const picture = pictureOf(found)
    if (!picture) throw noPicture()
    const snapped = { ...wanted, width: imageWidthFor(picture, wanted.width) }
    return findFitting(found.variants, picture, snapped) ?? make(found, specOf(picture, snapped), signal)
  }
}

/** A client that goes away ends its own wait alone: others may wait for the same picture, and it is wanted again. */
async function untilGone<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function busy(): TintypeError {
  return new TintypeError(
    'overloaded',
    'Too many pictures of this size are being made. Try again in a few seconds.',
  )
}

/** What a media looks like, upright: a video like its poster. */
function pictureOf({ media, variants }: MediaWithVariants): ImageSize | undefined {
  if (media.kind === 'video') return variants.find(({ name }) => name === 'poster')
  return uprightSize({ ...media, ...shownDetails(media.details) })
}

/** By how much an app's own variant may be wider than what is wanted, and be used in its place. */
const margin = 1.1

/** A variant that will do: all of the picture, in this format, as wide or a little wider. */
export function findFitting(
  variants: readonly VariantRow[],
  picture: ImageSize,
  { width, format }: WantedPicture,
): VariantRow | undefined {
  return variants
    .filter(
      (one) =>
        one.type === `image/${format}` &&
        one.width >= width &&
        one.width <= width * margin &&
        showsWhole(one, picture),
    )
    .sort((a, b) => a.width - b.width)[0]
}

function specOf(picture: ImageSize, { width, format }: WantedPicture): VariantSpec {
  // Rounded up, so that it is the width that decides.
  const height = Math.ceil((width * picture.height) / picture.width)
  const name = imageName({ width, format })
  return { name, width, height, fit: 'inside', format, quality: usualQuality({ width, height, format }) }
}
