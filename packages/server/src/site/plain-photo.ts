import { maxCaptionLength, routes } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { type ApiRequest, redirect } from 'tintype/internal/http/exchange'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { isId } from 'tintype/internal/ids'
import type { Tintype } from 'tintype/internal/tintype'
import { readFields } from './fields.ts'
import type { OwnApi } from './own-api.ts'
import { html, signInPage, styledBy } from './plain.ts'
import { plainItem, whole } from './plain-item.ts'
import type { Sessions } from './session.ts'

export interface PlainPhotoOptions {
  tintype: Pick<Tintype, 'media'>
  callApi: OwnApi
  sessions: Pick<Sessions, 'authenticate' | 'ways'>
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** Bytes of a caption in a form, where each may be written in three, beside its name. */
const longestForm = maxCaptionLength * 9 + 100

/** `/plain/photo/:id`: what one does with one photo without JavaScript. Forms know neither PATCH nor DELETE. */
export function plainPhotoRoutes(options: PlainPhotoOptions): Route[] {
  const { tintype, callApi, sessions, own, clock, stallTimeout } = options

  const forOwner =
    (work: (request: ApiRequest, owner: string, id: string, path: string) => ReturnType<Handler>): Handler =>
    async (request, { id }) => {
      const owner = await sessions.authenticate(request)
      const { path } = own.of(request)
      return owner === null ? signInPage(path, await sessions.ways()) : work(request, owner, id, path)
    }

  const show = forOwner(async (request, owner, id, path) => {
    const media = isId(id) ? await tintype.media.get(id, { owner }) : undefined
    const back = `<p><a href="${path}/plain">All photos</a></p>`
    if (!media) {
      const body = page('No such photo', `<h1>There is no such photo or video</h1>\n${back}`, styledBy(path))
      return { status: 404, headers: html, body }
    }
    const here = `${path}/plain/photo/${id}`
    const title = escapeHtml(media.name)
    const original = `${path}/api${routes.mediaVariant(id, 'original')}?download`
    const body = `<h1>${title}</h1>
${back}
<ul class="one">${plainItem(media, `${path}/api`, '', whole)}</ul>
<form method="post" action="${here}">
<p><label>Caption <input type="text" name="caption" maxlength="${maxCaptionLength}" value="${escapeHtml(media.caption ?? '')}"></label></p>
<p><button>Save the caption</button></p>
</form>
<p><a href="${original}">Download the original</a></p>
<form method="post" action="${here}/delete"><p><button>Delete</button></p></form>`
    return textAnswer(request, page(media.name, body, styledBy(path)), html)
  })

  const setCaption = forOwner(async (request, owner, id, path) => {
    const { caption } = await readFields(request, { clock, stallTimeout, limit: longestForm })
    await callApi(owner, routes.mediaItem(id), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ caption: caption?.trim() || null }),
    })
    return redirect(303, `${path}/plain/photo/${id}`)
  })

  const remove = forOwner(async (_, owner, id, path) => {
    await callApi(owner, routes.mediaItem(id), { method: 'DELETE' })
    return redirect(303, `${path}/plain`)
  })

  return [
    { path: '/plain/photo/:id', methods: { GET: show, POST: setCaption } },
    { path: '/plain/photo/:id/delete', methods: { POST: remove } },
  ]
}
