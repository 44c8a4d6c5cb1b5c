import { readFileSync } from 'node:fs'
import type { Media } from '@tintype/protocol'
import { type Request, Router } from 'express'
import type { OwnAddress } from 'tintype/internal/http/address'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Tintype } from 'tintype/internal/tintype'

const style = readFileSync(new URL('./plain.css', import.meta.url), 'utf8')
const pageSize = 60

/** `/plain`: the same photos and the same upload without a line of JavaScript. */
export function plainRoutes(
  tintype: Tintype,
  authenticate: (req: Request) => string | null,
  own: OwnAddress,
): Router {
  const router = Router()
  router.get('/plain.css', (_req, res) => {
    res.type('css').set('Cache-Control', 'public, max-age=300').send(style)
  })
  router.get('/plain', async (req, res) => {
    const owner = authenticate(req)
    const { path } = own.of(req)
    const styleSheet = `<link rel="stylesheet" href="${path}/plain.css">`
    if (owner === null) {
      res
        .status(401)
        .set('WWW-Authenticate', 'Bearer')
        .type('html')
        .send(page('Sign in', signInForm(path), styleSheet))
      return
    }
    const cursor = typeof req.query.cursor === 'string' ? { cursor: req.query.cursor } : {}
    const { media, next } = await tintype.media.list({ owner, limit: pageSize, ...cursor })
    const more =
      next === null ? '' : `<p><a rel="next" href="${path}/plain?cursor=${next}">Older photos</a></p>`
    const photos = media.length === 0 ? '<p>No photos yet.</p>' : `<ul>${media.map(item).join('\n')}</ul>`
    res
      .type('html')
      .send(page('Tintype', `<h1>Tintype</h1>\n${uploadForm(path)}\n${photos}\n${more}`, styleSheet))
  })
  return router
}

/** @param path of the app */
const uploadForm = (
  path: string,
) => `<form method="post" action="${path}/api/media" enctype="multipart/form-data">
<p><label>Photos and videos <input type="file" name="file" multiple required accept="image/*,video/*"></label></p>
<p><label>Caption <input type="text" name="caption" maxlength="2000"></label></p>
<p><button>Upload</button></p>
</form>`

const signInForm = (path: string) => `<h1>Sign in</h1>
<form method="post" action="${path}/session">
<p><label>Token <input type="password" name="token" required autofocus autocomplete="current-password"></label></p>
<p><button>Sign in</button></p>
</form>`

function item({ kind, name, caption, urls, width, height }: Media): string {
  const text = escapeHtml(caption ?? name)
  const original = escapeHtml(urls.original)
  const picture =
    kind === 'video'
      ? `<video controls preload="metadata" src="${original}"></video>`
      : `<a href="${original}"><img loading="lazy" width="${width}" height="${height}" alt="${text}" src="${escapeHtml(urls.thumb ?? urls.original)}"></a>`
  return `<li>${picture}<span>${text}</span></li>`
}
