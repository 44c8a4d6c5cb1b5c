/** What the app and its clients are shown of a row. */
import { type Cleaned, type Media, savedName } from '@tintype/protocol'
import type { Bucket } from './bucket/bucket.ts'
import { isImageName } from './image-names.ts'
import { shownDetails } from './inspect/details/kept-details.ts'
import type { MediaWithVariants } from './records/media-records.ts'

/**
 * Turns a URL that is signed for the embedded S3 into one that leads to where the app is reached; leaves those of a bucket
 * as they are.
 */
export type Lead = (url: string) => string

/**
 * The wire form of a row, with signed URLs.
 * @param options.forOthers whether it may go to others than its owner
 */
export async function present(
  { media, variants, pairId }: MediaWithVariants,
  bucket: Pick<Bucket, 'viewUrl'>,
  lead: Lead,
  { forOthers = false } = {},
): Promise<Media> {
  const { name } = media
  const view = async (key: string, type: string) =>
    lead(await bucket.viewUrl(key, { type, name: savedName(name, type) }))
  const { key, type } = (forOthers ? sharedOriginal({ media, variants }) : media) ?? {}
  const original = key === undefined || type === undefined ? '' : await view(key, type)
  const named = variants.filter((one) => !isImageName(one.name))
  const others = await Promise.all(named.map(async (v) => [v.name, await view(v.key, v.type)]))
  return {
    id: media.id,
    kind: media.kind,
    type: media.type,
    bytes: media.bytes,
    sha256: media.sha256,
    sentSha256: media.sent_sha256 ?? media.sha256,
    cleaned: cleanedOf(media),
    width: media.width,
    height: media.height,
    ...(media.duration === null ? {} : { duration: media.duration }),
    ...shownDetails(media.details),
    ...(pairId === undefined ? {} : { pairId }),
    name,
    caption: media.caption,
    alt: media.alt,
    data: media.data === null ? null : JSON.parse(media.data),
    revision: media.revision,
    placeholder: media.placeholder,
    createdAt: new Date(media.created_at).toISOString(),
    urls: { original, ...Object.fromEntries(others) },
  }
}

/**
 * What others than its owner get as the original: where nobody can say for certain that nothing private is left in it, its
 * largest variant, which has no metadata.
 * @returns undefined when there is none
 */
export function sharedOriginal({
  media,
  variants,
}: Pick<MediaWithVariants, 'media' | 'variants'>): { key: string; type: string } | undefined {
  if (cleanedOf(media)?.unsure === undefined) return media
  const [largest] = variants.toSorted((a, b) => b.width * b.height - a.width * a.height)
  return largest
}

function cleanedOf({ cleaned }: MediaWithVariants['media']): Cleaned | null {
  return cleaned === null ? null : (JSON.parse(cleaned) as Cleaned)
}
