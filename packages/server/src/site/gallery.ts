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
import type { Sessions } from './session.ts'

/**
 * The gallery's scripts, styles and icons.
 *
 * @returns resolves when the file has been sent
 */
export type Gallery = (req: IncomingMessage, res: ServerResponse, request: ApiRequest) => Promise<undefined>

/** What the page asks for first, in its own words, which a test holds it to. */
const firstPhotos = '/api/media?order=taken&limit=60'

const index = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/index.html'))
/** For guests: less to load than for those whose photos these are. */
const shared = fileURLToPath(import.meta.resolve('@tintype/gallery/dist/shared.html'))

/**
 * The addresses of what the gallery shows: they are answered with its page, which reads what to show off its own address. Whether
 * there is such a photo, the page asks the API, as the owner who is signed in. Where it was not built, they lead to the page without a script.
 */
export function galleryRoutes(own: OwnAddress, { authenticate }: Pick<Sessions, 'authenticate'>): Route[] {
  const show = showPage(index, own, () => '')
  const isSignedIn = async (request: ApiRequest) => (await authenticate(request).catch(() => null)) !== null
  const preload =
    (showsPhotos: boolean): Handler =>
    async (request, call) => {
      const paths = ['/session']
      // After a search they are others.
      const isSearch = /(^|&)q=/.test(request.query)
      if (showsPhotos && !isSearch && (await isSignedIn(request))) paths.push(firstPhotos)
      return linked(await show(request, call), baseOf(request, own), paths)
    }
  const showShared = showPage(shared, own, sharedRoutes.shared)
  const showGuest: Handler = async (request, call) => {
    const page = withHeaders(await showShared(request, call), notListed)
    return linked(page, baseOf(request, own), [sharedRoutes.endpoint(call.id) + sharedRoutes.album])
  }
  const served = (paths: string[], handler: Handler): Route[] =>
    paths.map((path) => ({ path, methods: { GET: handler } }))
  return [
    ...served(['/', '/photo/:id'], preload(true)),
    ...served(['/removed', '/albums', '/album/:id', '/album/:id/photo/:name'], preload(false)),
    ...served(['/shared/:id', '/shared/:id/photo/:name'], showGuest),
  ]
}

/** Has answers under way before the script is there that asks for them. https://html.spec.whatwg.org/multipage/links.html#link-type-preload */
function linked(page: Answer, base: string, paths: readonly string[]): Answer {
  const links = paths.map((path) => `<${base}${path}>; rel=preload; as=fetch; crossorigin`)
  return withHeaders(page, { Link: links.join(', ') })
}

/**
 * What the page loads is named from the folder that it lies in. Most addresses are below that; in it, it works below any path by which
 * a proxy may serve it.
 */
function baseOf(request: ApiRequest, own: OwnAddress): string {
  return request.path === '/' ? '.' : own.of(request).path
}

/** @param folder of the address, below which the same is shown without a script */
function showPage(file: string, own: OwnAddress, folder: (id: string) => string): Handler {
  const html = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  return (request, { id }) => {
    if (html === undefined) return redirect(302, `${own.of(request).path}${folder(id)}/plain`)
    const from = baseOf(request, own)
    const plain = escapeHtml(`${from}${folder(id)}/plain`)
    const page = html.replaceAll('./plain', plain).replaceAll('./', `${from}/`)
    return textAnswer(request, page, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
    })
  }
}

/** @throws {TintypeError} `not_found`; what the client got wrong, as an error with its `status` */
export function createGallery(): Gallery {
  const files = serveStatic(index.replace(/index\.html$/, ''), {
    index: false,
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
