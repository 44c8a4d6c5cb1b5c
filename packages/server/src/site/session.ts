import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { Asked, OwnAddress } from 'tintype/internal/http/address'
import { taggedAnswer } from 'tintype/internal/http/conditional'
import { emptyAnswer, redirect, withHeaders } from 'tintype/internal/http/exchange'
import { wantsHtml } from 'tintype/internal/http/html'
import { isObject } from 'tintype/internal/http/json'
import { ownerOnThisMachine, type Sender } from 'tintype/internal/http/owner'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { thisMachinesOwner } from 'tintype/internal/http/this-machine'
import { parseJson, readWholeBody } from 'tintype/internal/http/whole-body'
import { addressKey } from 'tintype/internal/http/writes'
import { contentTypeOf } from 'tintype/internal/intake/form/content-type'
import type { RateLimit } from 'tintype/internal/quotas/rates'

export interface Sessions {
  /** `/session`: sign in with the token, sign out, ask. */
  routes: Route[]
  /**
   * The one owner of the ready server, when the request carries the token or the cookie that stands for it.
   * @throws {TintypeError} `unauthenticated` where there is no token, with the reason why this does not count as a
   * request of this machine
   */
  authenticate(request: Sender): Promise<string | null>
}

const cookieName = 'tintype_session'
const cookiePattern = new RegExp(`(?:^|; *)${cookieName}=([\\w-]+)(?=;|$)`, 'g')
const cookieAge = 30 * 24 * 3600
/** Bytes of a sign-in. */
const largest = 4096

export interface SessionsOptions {
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Of wrong tokens; undefined: they are not counted. */
  signIns: RateLimit | undefined
  /** Where there is no token: names of hosts by which this machine may be asked, beside `localhost` and its like. */
  names: ReadonlySet<string>
}

/**
 * One token for the ready server. Programs send it as `Authorization: Bearer`; browsers sign in once and get a
 * cookie that scripts can't read and pages of other sites can't write with, so that pictures and forms work without JavaScript.
 *
 * @param token undefined: nobody has to sign in, since only this machine is let in
 */
export function createSessions(
  token: string | undefined,
  { own, clock, stallTimeout, names, signIns: limit }: SessionsOptions,
): Sessions {
  const session =
    token === undefined ? '' : createHmac('sha256', token).update('tintype session 1').digest('base64url')
  const signIns = token === undefined ? undefined : limit
  // Lax: a link in a mail or a chat shows what it leads to. Nothing is changed by GET, and writes that other sites' pages
  // send come without the cookie, and are refused by their Origin besides.
  const attributes = (asked: Asked) => {
    const { origin, path } = own.of(asked)
    return `Path=${path || '/'}; HttpOnly; SameSite=Lax${origin.startsWith('https:') ? '; Secure' : ''}`
  }

  /**
   * A cookie can't be guessed, and goes on. A token may be: once an address has sent too many wrong ones, no other is even
   * looked at.
   * @throws {TintypeError} `too_many_requests`
   */
  async function isSignedIn({ headers, remoteAddress, clientAddress }: Sender): Promise<boolean> {
    if (token === undefined) return true
    const bearer = /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim()
    if (bearer) {
      const address = addressKey(clientAddress ?? remoteAddress)
      await signIns?.check(address)
      if (equal(bearer, token)) return true
      await signIns?.demand(address)
      return false
    }
    // Another server on this host, at another port or path, may have left one of the same name: it doesn't hide ours.
    const cookies = Array.from((headers.cookie ?? '').matchAll(cookiePattern))
    return cookies.some(([, cookie = '']) => equal(cookie, session))
  }

  const tell: Handler = async (request) =>
    taggedAnswer({ signedIn: await isSignedIn(request), required: token !== undefined }, request)

  const signIn: Handler = async (request) => {
    // Through a proxy no token helps: the answer says what to set.
    if (token === undefined) ownerOnThisMachine(withoutAddresses(request), names)
    const { type } = contentTypeOf(request)
    const address = addressKey(request.clientAddress)
    // Counted before it is known to be right, so that many at once don't get by.
    await signIns?.demand(address)
    const given = tokenIn(type, await readWholeBody(request, { limit: largest, clock, stallTimeout }))
    if (token !== undefined && (typeof given !== 'string' || !equal(given.trim(), token))) {
      throw new TintypeError('unauthenticated', 'This is not the token of this server. Try again.')
    }
    await signIns?.giveBack(address)
    const answer = wantsHtml(request) ? redirect(303, `${own.of(request).path}/plain`) : emptyAnswer(204)
    const cookie = `${cookieName}=${session}; Max-Age=${cookieAge}; ${attributes(request)}`
    return withHeaders(answer, { 'Set-Cookie': cookie })
  }

  const signOut: Handler = (request) =>
    emptyAnswer(204, { 'Set-Cookie': `${cookieName}=; Max-Age=0; ${attributes(request)}` })

  return {
    routes: [{ path: '/session', methods: { GET: tell, POST: signIn, DELETE: signOut } }],
    async authenticate(request) {
      if (token === undefined) return ownerOnThisMachine(withoutAddresses(request), names)
      return (await isSignedIn(request)) ? thisMachinesOwner : null
    },
  }
}

/**
 * The request without what only says by which address a proxy was asked. Nothing here believes that, and programs on this
 * machine send it to see so; a proxy that brings others' requests names them beside it (X-Forwarded-For, Forwarded, Via).
 */
function withoutAddresses({ headers, remoteAddress }: Sender): Pick<Sender, 'headers' | 'remoteAddress'> {
  const kept = Object.entries(headers).filter(
    ([name, value]) =>
      !/^x-forwarded-(host|port|prefix|proto|scheme|server|ssl)$/.test(name) &&
      !(name === 'forwarded' && !/\bfor\s*=/i.test(String(value))),
  )
  return { headers: Object.fromEntries(kept), remoteAddress }
}

/** Of JSON, or of a form without JavaScript. */
function tokenIn(type: string, body: Buffer): unknown {
  if (type === 'application/x-www-form-urlencoded') {
    const [token, second] = new URLSearchParams(body.toString()).getAll('token')
    if (second === undefined) return token
    throw new TintypeError('invalid_parameter', 'The form has two tokens. Send one.')
  }
  const json = type === 'application/json' ? parseJson(body) : undefined
  return isObject(json) ? json.token : undefined
}

/** Compares hashes, so that neither length nor content shows in the time it takes. */
function equal(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
