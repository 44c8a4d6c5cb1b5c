import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { sharedRoutes } from '@tintype/protocol'
import serveStatic from 'serve-static'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { type Answer, type ApiRequest, redirect, withHeaders } from 'tintype/internal/http/exchange'
import { escapeHtml } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { notListed } from './guest-site.ts'

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
/** For guests: less to load than for those whose photos these are. */
const shared = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/shared.html'))

/**
 * The addresses of what the gallery shows beside its grid: they are answered with its page, which reads what to show off its own
 * address. Whether there is such a photo, the page asks the API, as the owner who is signed in.
 */
export function galleryRoutes(own: OwnAddress): Route[] {
  const show = showPage(index, own, () => '')
  const showShared = showPage(shared, own, (id) => sharedRoutes.shared(id))
  const showGuest: Handler = async (...asked) => withHeaders(await showShared(...asked), notListed)
  return [
    ...['/photo/:id', '/removed', '/albums', '/album/:id', '/album/:id/photo/:name'].map((path) => ({
      path,
      methods: { GET: show },
    })),
    ...['/shared/:id', '/shared/:id/photo/:name'].map((path) => ({ path, methods: { GET: showGuest } })),
  ]
}

/** @param folder of the address, below which the same is shown without a script */
function showPage(file: string, own: OwnAddress, folder: (id: string) => string): Handler {
  const html = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  return (request, { id }) => {
    const { path } = own.of(request)
    const plain = `${path}${folder(id)}/plain`
    if (html === undefined) return redirect(302, plain)
    // What the page loads is named from the folder that it lies in, and these addresses are below it.
    const page = html.replaceAll('./plain', escapeHtml(plain)).replaceAll('./', `${path}/`)
    return textAnswer(request, page, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
    })
  }
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
    redirect: false,
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
