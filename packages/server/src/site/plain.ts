import { readFileSync } from 'node:fs'
import type { OwnAddress } from 'tintype/internal/http/address'
import { textAnswer } from 'tintype/internal/http/conditional'
import { type Answer, withHeaders } from 'tintype/internal/http/exchange'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import type { Tintype } from 'tintype/internal/tintype'
import { editLink, plainItem, uploadForm } from './plain-item.ts'
import type { Sessions, SignInWay } from './session.ts'
import { createNoteCookie, describeNote } from './share-note.ts'

const style = readFileSync(new URL('./plain.css', import.meta.url), 'utf8')
/** Photos on a page without JavaScript. */
export const pageSize = 60
export const html = { 'Content-Type': 'text/html; charset=utf-8' }

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

  const noteCookie = createNoteCookie(own)

  const show: Handler = async (request) => {
    const owner = await sessions.authenticate(request)
    const { path } = own.of(request)
    const note = noteCookie.read(request)
    const news = note ? describeNote(note) : ''
    if (owner === null) return signInPage(path, await sessions.ways(), news)
    const cursor = new URLSearchParams(request.query).get('cursor')
    const from = cursor === null ? {} : { cursor }
    const { media, next } = await tintype.media.list({ owner, limit: pageSize, ...from })
    const more =
      next === null ? '' : `<p><a rel="next" href="${path}/plain?cursor=${next}">Older photos</a></p>`
    const photos =
      media.length === 0
        ? '<p>No photos yet.</p>'
        : `<ul>${media.map((one) => plainItem(one, `${path}/api`, editLink(path, one.id))).join('\n')}</ul>`
    const leave = (await sessions.isRequired())
      ? signOutForm(path, (await sessions.whoIs(request))?.name)
      : ''
    const albums = `<p><a href="${path}/plain/albums">Albums</a></p>`
    const body = `<h1>Tintype</h1>\n${news}\n${leave}\n${albums}\n${uploadForm(`${path}/api`)}\n${photos}\n${more}`
    const answer = textAnswer(request, page('Tintype', body, styledBy(path)), html)
    return note ? withHeaders(answer, { 'Set-Cookie': noteCookie.clear(request) }) : answer
  }

  return [
    { path: '/plain', methods: { GET: show } },
    { path: '/plain.css', methods: { GET: showStyle } },
  ]
}

/** @param news HTML, above the form */
export function signInPage(path: string, ways: readonly SignInWay[], news = ''): Answer {
  const headers = { ...html, 'WWW-Authenticate': 'Bearer' }
  return { status: 401, headers, body: page('Sign in', signInForms(path, ways, news), styledBy(path)) }
}

/** @param path of the app */
export const styledBy = (path: string) => `<link rel="stylesheet" href="${path}/plain.css">`

const signInForms = (path: string, ways: readonly SignInWay[], news: string) => `<h1>Sign in</h1>
${news}
${ways.map((way) => `<form method="post" action="${path}/session">\n${signInFields[way]}\n<p><button>Sign in</button></p>\n</form>`).join('\n<p>or</p>\n')}`

const signInFields: Record<SignInWay, string> = {
  password: `<p><label>Name <input type="text" name="name" required autocomplete="username" autocapitalize="words"></label></p>
<p><label>Password <input type="password" name="password" required autocomplete="current-password"></label></p>`,
  token: `<p><label>Token <input type="password" name="token" required autocomplete="current-password"></label></p>`,
}

/** @param name of the person who is signed in; undefined with the token alone */
const signOutForm = (path: string, name: string | undefined) => {
  const change = `<a href="${path}/plain/password">Change your password</a>`
  const account = name === undefined ? '' : `${escapeHtml(name)} · ${change} `
  return `<form method="post" action="${path}/session/end"><p>${account}<button>Sign out</button></p></form>`
}
