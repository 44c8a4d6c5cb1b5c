import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import serveStatic from 'serve-static'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { type Answer, type ApiRequest, redirect } from 'tintype/internal/http/exchange'
import type { Handler, Route } from 'tintype/internal/http/routes'

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

const index = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html'))

/**
 * The addresses of what the gallery shows beside its grid: they are answered with its page, which reads what to show off its own
 * address. Whether there is such a photo, the page asks the API, as the owner who is signed in.
 */
export function galleryRoutes(own: OwnAddress): Route[] {
  const page = existsSync(index) ? readFileSync(index, 'utf8') : undefined
  const show: Handler = (request) => {
    const { path } = own.of(request)
    if (page === undefined) return redirect(302, `${path}/plain`)
    // What the page loads is named from the folder that it lies in, and these addresses are below it.
    const html = page.replaceAll('./', `${path}/`)
    return textAnswer(request, html, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
    })
  }
  return ['/photo/:id', '/removed'].map((path) => ({ path, methods: { GET: show } }))
}

/** @throws {TintypeError} `not_found`; what the client got wrong, as an error with its `status` */
export function createGallery(own: OwnAddress): Gallery {
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
