import { uprightSize } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import { isImageName } from '../image-names.ts'
import { shownDetails } from '../inspect/details/kept-details.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { MediaRow, VariantRow } from '../records/schema.ts'
import {
  formatFacts,
  posterName,
  readRecipe,
  showsWhole,
  usualQuality,
  type VariantSpec,
} from '../variants/variant-spec.ts'

/** The object that variants are made of. */
export type VariantSource = Pick<MediaRow, 'key' | 'bytes' | 'owner' | 'width' | 'height'>

/** To decode 12 megapixels of these takes up to two seconds. */
const decodedSlowly: ReadonlySet<string> = new Set(['image/heic', 'image/heif', 'image/avif', 'image/jxl'])
/** From so many times the width on, how the larger variant was coded is hardly seen in the smaller one. */
const muchWider = 1.5

/**
 * Of a video, its poster. Of a photo, its original; but what somebody waits for is made of a variant that is much wider,
 * where there is one and the original is decoded slowly.
 */
export function variantSource(
  { media, variants }: MediaWithVariants,
  specs: readonly VariantSpec[],
): VariantSource {
  if (media.kind === 'image') return spareSource(media, variants, specs) ?? media
  const poster = variants.find(({ name }) => name === posterName)
  if (poster) return { ...poster, owner: media.owner }
  throw new TintypeError('not_decodable', 'There is no picture of this video: it has no poster.')
}

/** Only WebP will do: JPEG has no transparency, and AVIF is decoded slowly. */
function spareSource(
  media: MediaRow,
  variants: readonly VariantRow[],
  specs: readonly VariantSpec[],
): VariantSource | undefined {
  if (!decodedSlowly.has(media.type) || !specs.every(({ name }) => isImageName(name))) return undefined
  const details = shownDetails(media.details)
  if (details.features?.includes('animated')) return undefined
  const picture = uprightSize({ ...media, ...details })
  const width = muchWider * Math.max(...specs.map((spec) => spec.width))
  const [spare] = variants
    .filter((one) => one.type === formatFacts.webp.type && one.width >= width && showsWhole(one, picture))
    .filter(({ name, recipe }) => {
      const spec = readRecipe(name, recipe ?? '')
      return spec !== undefined && spec.quality >= usualQuality(spec)
    })
    .sort((a, b) => a.width - b.width)
  return spare && { ...spare, owner: media.owner }
}
