import { readFileSync } from 'node:fs'
import { sizes, srcset } from '@tintype/client/images'
import { type Media, routes, uprightSize } from '@tintype/protocol'
import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import type { Tintype } from 'tintype/internal/tintype'
import type { Sessions, SignInWay } from './session.ts'

const style = readFileSync(new URL('./plain.css', import.meta.url), 'utf8')
const pageSize = 60
const html = { 'Content-Type': 'text/html; charset=utf-8' }

/** `/plain`: the same photos and the same upload without a line of JavaScript. */
export function plainRoutes(
  tintype: Tintype,
  sessions: Pick<Sessions, 'authenticate' | 'isRequired' | 'whoIs' | 'ways'>,
  own: OwnAddress,
): Route[] {
  const showStyle: Handler = (request) =>
    textAnswer(request, style, {
      'Content-Type': 'text/css; charset=utf-8',
      'Cache-Control': 'public, max-age=300',
    })

  const show: Handler = async (request) => {
    const owner = await sessions.authenticate(request)
    const { path } = own.of(request)
    const styleSheet = `<link rel="stylesheet" href="${path}/plain.css">`
    if (owner === null) {
      const headers = { ...html, 'WWW-Authenticate': 'Bearer' }
      return {
        status: 401,
        headers,
        body: page('Sign in', signInForms(path, await sessions.ways()), styleSheet),
      }
    }
    const cursor = new URLSearchParams(request.query).get('cursor')
    const from = cursor === null ? {} : { cursor }
    const { media, next } = await tintype.media.list({ owner, limit: pageSize, ...from })
    const more =
      next === null ? '' : `<p><a rel="next" href="${path}/plain?cursor=${next}">Older photos</a></p>`
    const photos =
      media.length === 0
        ? '<p>No photos yet.</p>'
        : `<ul>${media.map((one) => item(one, path)).join('\n')}</ul>`
    const leave = (await sessions.isRequired())
      ? signOutForm(path, (await sessions.whoIs(request))?.name)
      : ''
    const body = `<h1>Tintype</h1>\n${leave}\n${uploadForm(path)}\n${photos}\n${more}`
    return textAnswer(request, page('Tintype', body, styleSheet), html)
  }

  return [
    { path: '/plain', methods: { GET: show } },
    { path: '/plain.css', methods: { GET: showStyle } },
  ]
}

/** @param path of the app */
const uploadForm = (
  path: string,
) => `<form method="post" action="${path}/api/media" enctype="multipart/form-data">
<p><label>Photos and videos <input type="file" name="file" multiple required accept="image/*,video/*"></label></p>
<p><label>Caption <input type="text" name="caption" maxlength="2000"></label></p>
<p><button>Upload</button></p>
</form>`

const signInForms = (path: string, ways: readonly SignInWay[]) => `<h1>Sign in</h1>
${ways.map((way) => `<form method="post" action="${path}/session">\n${signInFields[way]}\n<p><button>Sign in</button></p>\n</form>`).join('\n<p>or</p>\n')}`

const signInFields: Record<SignInWay, string> = {
  password: `<p><label>Name <input type="text" name="name" required autocomplete="username" autocapitalize="words"></label></p>
<p><label>Password <input type="password" name="password" required autocomplete="current-password"></label></p>`,
  token: `<p><label>Token <input type="password" name="token" required autocomplete="current-password"></label></p>`,
}

/** @param name of the person who is signed in; undefined with the token alone */
const signOutForm = (path: string, name: string | undefined) =>
  `<form method="post" action="${path}/session/end"><p>${name === undefined ? '' : `${escapeHtml(name)} `}<button>Sign out</button></p></form>`

function item(media: Media, path: string): string {
  const { id, kind, name, caption, urls, takenAt } = media
  const { width, height } = uprightSize(media)
  const text = escapeHtml(caption ?? name)
  const { original, thumb, poster = thumb } = urls
  // Of a picture that moves, only the original does.
  const large = media.features?.includes('animated')
    ? original
    : `${path}/api${routes.mediaImage(id, { width: screenWidth })}`
  const attribute = (called: string, value: string | undefined) =>
    value === undefined || value === '' ? '' : ` ${called}="${escapeHtml(value)}"`
  const set = srcset(media, { endpoint: `${path}/api` })
  const picture =
    kind === 'video'
      ? `<video controls preload="metadata"${attribute('poster', poster)}${attribute('src', original)}></video>`
      : `<a${attribute('href', large)}><img loading="lazy" width="${width}" height="${height}" alt="${text}"${attribute('sizes', sizes(media, tile))}${attribute('srcset', set)}${attribute('src', thumb)}></a>`
  return `<li>${picture}<span>${text}${takenAt === undefined ? '' : `<br>${dateIn(takenAt)}`}</span></li>`
}
const longDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

/** The day that clocks showed where it was taken. */
function dateIn(takenAt: string): string {
  const day = takenAt.slice(0, 10)
  return `<time datetime="${escapeHtml(takenAt)}">${longDate.format(new Date(`${day}T00:00:00Z`))}</time>`
}

/** As in plain.css, about. */
const tile = { width: '13rem', height: '13rem', fit: 'cover' } as const
/** Pixels of most screens. */
const screenWidth = 1920
