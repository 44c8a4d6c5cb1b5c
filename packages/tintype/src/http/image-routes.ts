import type { Bucket } from '../bucket/bucket.ts'
import type { ImageOnDemand } from '../image-on-demand.ts'
import { variantUrl } from '../media-api.ts'
import type { Headers } from './exchange.ts'
import { redirect } from './exchange.ts'
import { wantedImage } from './image-query.ts'
import type { Handler, Route } from './routes.ts'
import { createViewable, type ViewableOptions } from './viewable.ts'

export interface ImageRoutesOptions extends ViewableOptions {
  bucket: Bucket
  imageOnDemand: ImageOnDemand
  /** Seconds for which a browser may keep where an image leads. */
  keepImages: number
}

/** `/media/:id/image?w=640&format=webp`. It has to come before the route of variants by name. */
export function imageRoutes(options: ImageRoutesOptions): Route[] {
  const { bucket, imageOnDemand, keepImages } = options
  const viewable = createViewable(options)

  const view: Handler = async (request, { id, lead }) => {
    const { media, owner } = await viewable(id, request, lead)
    const { isNegotiated, ...wanted } = wantedImage(request)
    const image = await imageOnDemand(id, wanted, { owner, signal: request.signal })
    const answer = redirect(302, lead(await variantUrl(media.name, image, bucket)))
    return { ...answer, headers: { ...answer.headers, ...kept, ...(isNegotiated ? { Vary: 'Accept' } : {}) } }
  }

  /** Signed URLs are for the one who asked, and so is what leads to them. */
  const kept: Headers = keepImages > 0 ? { 'Cache-Control': `private, max-age=${keepImages}` } : {}
  return [{ path: '/media/:id/image', methods: { GET: view } }]
}
