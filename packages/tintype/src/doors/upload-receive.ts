import type { Bucket } from '../bucket/bucket.ts'
import type { UploadHooks } from '../hooks/hooks.ts'
import type { RouteHooks } from '../hooks/types.ts'
import type { Address, OwnAddress } from '../http/address.ts'
import type { ApiRequest } from '../http/exchange.ts'
import { keepBody, refuseCrossSite } from '../http/guard.ts'
import { refuseDoubled } from '../http/once.ts'
import { type ReceiveOptions, receiveMedia } from '../http/receive.ts'
import type { ReadForm } from '../intake/form/form-shape.ts'
import { type Lead, present } from '../present.ts'
import type { AppRequest } from './node-request.ts'
import { byField, toRequest } from './upload-media.ts'

export interface UploadReceiveOptions extends ReceiveOptions {
  bucket: Bucket
  ownerOf(request: ApiRequest): Promise<string>
  own: OwnAddress
  leadTo(address: Address): Lead
  /** Other origins whose pages may send files. */
  origins: readonly string[]
  /** Throws when nothing is taken any more. */
  demandOpen(): void
  /** Those of the app, with these of a route. */
  hooksWith(ofRoute: RouteHooks): UploadHooks
}

/**
 * Takes the form of a request to an app's own route, and leaves media and text in the request.
 *
 * @returns how many media it has got, and whether they are new. It throws `TintypeError`
 */
export function createUploadReceive(
  { bucket, ownerOf, own, leadTo, origins, demandOpen, hooksWith, ...receiving }: UploadReceiveOptions,
  form: ReadForm,
): (req: AppRequest, request: ApiRequest) => Promise<{ count: number; isNew: boolean }> {
  const hooks = form.hooks && hooksWith(form.hooks)
  const demandSameSite = refuseCrossSite(own, origins)
  const isRequired = [...form.shape.files.values()].some(({ required }) => required)

  return async (req, request) => {
    demandOpen()
    refuseDoubled(request)
    demandSameSite(request)
    const isStopped = keepBody(request)
    const owner = await ownerOf(request)
    // As by Multer, what is no form is left to the next handler, body and all.
    if (!isRequired && !isMultipart(request)) {
      if (isStopped) req.resume()
      req.media = toRequest([], form)
      return { count: 0, isNew: true }
    }
    const ownRoute = `${request.method} ${(req.originalUrl ?? req.url ?? '/').replace(/\?.*/s, '')}`
    const asked = { owner, request: request.original, hooks, form: form.shape, ownRoute }
    const received = await receiveMedia(request, receiving, asked)
    const lead = leadTo(own.of(request))
    const media = await Promise.all(received.made.map((one) => present(one, bucket, lead)))
    req.media = toRequest(byField(media, received), form)
    req.body = received.fields
    return { count: media.length, isNew: received.isNew }
  }
}

function isMultipart({ headers }: ApiRequest): boolean {
  return /^\s*multipart\//i.test(headers['content-type'] ?? '')
}
