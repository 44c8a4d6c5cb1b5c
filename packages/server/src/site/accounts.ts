import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type ApiRequest, redirect, withHeaders } from 'tintype/internal/http/exchange'
import { escapeHtml } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { addressKey } from 'tintype/internal/http/writes'
import { isId } from 'tintype/internal/ids'
import type { RateLimit } from 'tintype/internal/quotas/rates'
import { counted } from '../people/attempts.ts'
import type { People } from '../people/people.ts'
import type { PersonRow } from '../records/person-records.ts'
import { createCookie } from './cookies.ts'
import { readFields } from './fields.ts'
import { demandTwice, newPasswordFields, privateCard } from './password-form.ts'
import type { Sessions } from './session.ts'

/** What people do about themselves. */
export interface Accounts {
  /** `/invite`: where an invitation leads. */
  routes: Route[]
}

export interface AccountsOptions {
  people: People
  sessions: Pick<Sessions, 'begin'>
  own: OwnAddress
  clock: Clock
  stallTimeout: number
  /** Of invitations that are none, by address; undefined: they are not counted. */
  signIns: RateLimit | undefined
}

/** Seconds in which somebody chooses a password. */
const patience = 3600

/**
 * The link of an invitation, `/invite/TOKEN`, leads at once to an address without the token, which goes into a cookie: so no
 * other page is told of it by `Referer`, and nobody reads it off the screen. Opening the link uses nothing up: programs that
 * look at links in chats do so.
 */
export function createAccounts(options: AccountsOptions): Accounts {
  const { people, sessions, own, clock, stallTimeout, signIns } = options
  const cookie = createCookie('tintype_invite', own, '/invite')

  const open: Handler = (request, { id }) => {
    const setCookie = isId(id) ? cookie.set(request, id, patience) : cookie.clear(request)
    return withHeaders(redirect(303, `${own.of(request).path}/invite`), { 'Set-Cookie': setCookie })
  }

  async function invitedBy(request: ApiRequest): Promise<{ token: string; person: PersonRow } | undefined> {
    for (const token of cookie.read(request.headers)) {
      const person = await people.invited(token)
      if (person) return { token, person }
    }
    return undefined
  }

  const show: Handler = async (request) => {
    const found = await invitedBy(request)
    const { path } = own.of(request)
    return found ? choosePage(200, path, found.person.name) : overPage(path)
  }

  const accept: Handler = async (request) => {
    const { path } = own.of(request)
    const answer = await counted(signIns, addressKey(request.clientAddress), async () => {
      const fields = await readFields(request, { clock, stallTimeout })
      const found = await invitedBy(request)
      if (!found) return undefined
      try {
        demandTwice(fields)
        const person = await people.accept(found.token, fields.password)
        const headers = { 'Set-Cookie': await sessions.begin(request, person) }
        return withHeaders(redirect(303, `${path}/`), headers)
      } catch (error) {
        if (!(error instanceof TintypeError) || error.code !== 'invalid_parameter') throw error
        return choosePage(400, path, found.person.name, error.message)
      }
    })
    return answer ?? overPage(path)
  }

  return {
    routes: [
      { path: '/invite/:id', methods: { GET: open } },
      { path: '/invite', methods: { GET: show, POST: accept } },
    ],
  }
}

function choosePage(status: number, path: string, name: string, error = '') {
  const form = `<p>Choose a password. With it and your name you sign in, on each of your devices.</p>
<form method="post" action="${path}/invite">
<input type="hidden" name="username" value="${escapeHtml(name)}" autocomplete="username">
${newPasswordFields('Password', 'autofocus')}
<p id="error" class="error" role="alert">${escapeHtml(error)}</p>
<p><button class="primary">Open my photos</button></p>
</form>`
  return privateCard(status, path, { title: 'Welcome to Tintype', heading: `Welcome, ${name}`, body: form })
}

function overPage(path: string) {
  const body = `<p>It was used already, or has expired. Ask for a new one where it came from.</p>
<p>If you have chosen a password before, it still opens your photos.</p>
<p><a class="button" href="${path}/">Sign in</a></p>`
  return privateCard(410, path, { title: 'This invitation is over', body })
}
