import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import serveStatic from 'serve-static'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type Answer, type ApiRequest, redirect } from 'tintype/internal/http/exchange'

/**
 * The gallery's page, scripts and styles; without them the page that needs none.
 *
 * @returns resolves to what is to be answered; to undefined when the file has been sent
 */
export type Gallery = (
  req: IncomingMessage,
  res: ServerResponse,
  request: ApiRequest,
) => Promise<Answer | undefined>

/** @throws {TintypeError} `not_found`; what the client got wrong, as an error with its `status` */
export function createGallery(own: OwnAddress): Gallery {
  const index = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html'))
  if (!existsSync(index)) {
    return async (_req, _res, request) => {
      if (request.path !== '/') throw notFound()
      return redirect(302, `${own.of(request).path}/plain`)
    }
  }
  const files = serveStatic(index.replace(/index\.html$/, ''), {
    setHeaders(res, path) {
      // The build puts a hash into the names below assets: those never change.
      const hashed = /[\\/]assets[\\/]/.test(path)
      res.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return (req, res, request) =>
    new Promise((resolve, reject) => {
      request.whenOver(() => resolve(undefined))
      files(req, res, (error) => reject(error ?? notFound()))
    })
}

function notFound(): TintypeError {
  return new TintypeError('not_found', 'There is nothing at this address.')
}
