import type { PasswordChange } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type ApiRequest, emptyAnswer, redirect } from 'tintype/internal/http/exchange'
import { escapeHtml } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { addressKey } from 'tintype/internal/http/writes'
import type { RateLimit } from 'tintype/internal/quotas/rates'
import { counted } from '../people/attempts.ts'
import { nameKey } from '../people/names.ts'
import type { People } from '../people/people.ts'
import { readFields } from './fields.ts'
import { demandTwice, newPasswordFields, privateCard } from './password-form.ts'
import { signInPage } from './plain.ts'
import type { Sessions } from './session.ts'
import { demandPerson } from './token-routes.ts'

export interface PasswordRoutesOptions {
  people: Pick<People, 'withPassword' | 'changePassword'>
  sessions: Pick<Sessions, 'whoIs' | 'ways'>
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Of wrong passwords, by address; undefined: they are not counted. */
  signIns: RateLimit | undefined
  /** Of wrong passwords for one name, wherever they come from. */
  guesses: RateLimit
  /** Told when sessions have ended: pages of this owner that listen are asked anew whose they are. */
  signedOut(owner: string): void
}

/** `/session/password`: a person changes their own password. `/plain/password`: the same without JavaScript. */
export function passwordRoutes(options: PasswordRoutesOptions): Route[] {
  const { people, sessions, own, signIns, guesses, signedOut } = options

  /**
   * A wrong present password counts as one at signing in: a session that was stolen is no way to guess it.
   * @throws {TintypeError} `invalid_parameter`, `too_many_requests`, `overloaded`, `unauthenticated`
   */
  async function change(
    request: ApiRequest,
    { name, owner, session }: { name: string; owner: string; session: string },
    { current = '', password }: Partial<PasswordChange>,
  ): Promise<void> {
    const person = await counted(signIns, addressKey(request.clientAddress), () =>
      counted(guesses, nameKey(name), () => people.withPassword(name, current)),
    )
    if (!person)
      throw new TintypeError('invalid_parameter', 'This is not the password that you have now. Try again.')
    await people.changePassword(person, session, password)
    signedOut(owner)
  }

  const answer: Handler = async (request) => {
    const person = await demandPerson(sessions, request)
    await change(request, person, await readFields(request, options))
    return emptyAnswer(204)
  }

  const show: Handler = async (request) => {
    const { path } = own.of(request)
    const person = await sessions.whoIs(request)
    if (person?.session === undefined) return signInPage(path, await sessions.ways())
    return new URLSearchParams(request.query).has('changed')
      ? donePage(path)
      : formPage(200, path, person.name)
  }

  const changePlainly: Handler = async (request) => {
    const { path } = own.of(request)
    const person = await demandPerson(sessions, request)
    const fields = await readFields(request, options)
    try {
      demandTwice(fields)
      await change(request, person, fields)
    } catch (error) {
      if (!(error instanceof TintypeError) || error.code !== 'invalid_parameter') throw error
      return formPage(400, path, person.name, error.message)
    }
    return redirect(303, `${path}/plain/password?changed`)
  }

  return [
    { path: '/session/password', methods: { POST: answer } },
    { path: '/plain/password', methods: { GET: show, POST: changePlainly } },
  ]
}

const title = 'Change your password'

function formPage(status: number, path: string, name: string, error = '') {
  const body = `<form method="post" action="${path}/plain/password">
<input type="hidden" name="username" value="${escapeHtml(name)}" autocomplete="username">
<p><label>The password that you have now <input type="password" name="current" required autocomplete="current-password" aria-describedby="error"></label></p>
${newPasswordFields('New password')}
<p id="error" class="error" role="alert">${escapeHtml(error)}</p>
<p class="soft">It signs you out on your other devices. Passkeys and tokens of programs go on.</p>
<p><button class="primary">Change it</button></p>
</form>
<p><a class="button" href="${path}/plain">All photos</a></p>`
  return privateCard(status, path, { title, body })
}

function donePage(path: string) {
  const body = `<p>You are signed out on your other devices: sign in there by the new one. Passkeys and tokens of programs go on.</p>
<p><a class="button" href="${path}/plain">All photos</a></p>`
  return privateCard(200, path, { title: 'Your password is changed', body })
}
