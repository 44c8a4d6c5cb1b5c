import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { taggedAnswer } from 'tintype/internal/http/conditional'
import { type ApiRequest, emptyAnswer, redirect, withHeaders } from 'tintype/internal/http/exchange'
import { wantsHtml } from 'tintype/internal/http/html'
import { ownerOnThisMachine, type Sender } from 'tintype/internal/http/owner'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { thisMachinesOwner } from 'tintype/internal/http/this-machine'
import { addressKey } from 'tintype/internal/http/writes'
import { isId } from 'tintype/internal/ids'
import type { RateLimit } from 'tintype/internal/quotas/rates'
import { counted } from '../people/attempts.ts'
import { type BrowserSessions, longestSession } from '../people/browser-sessions.ts'
import { nameKey } from '../people/names.ts'
import type { Passkeys } from '../people/passkeys.ts'
import type { People } from '../people/people.ts'
import { hashOf } from '../people/secret.ts'
import { isToken, type Tokens } from '../people/tokens.ts'
import type { PersonRow } from '../records/person-records.ts'
import { createCookie } from './cookies.ts'
import { readFields } from './fields.ts'

export interface Sessions {
  /** `/session`: sign in with the token or a name and a password, sign out, ask. */
  routes: Route[]
  /** Whether one has to sign in: where there is a token, or somebody was added. Else only this machine is let in. */
  isRequired(): Promise<boolean>
  /**
   * The owner whose photos this request may see: of a person who is signed in, or the first one's for the token and the cookie that
   * stands for it.
   * @throws {TintypeError} `unauthenticated` where nobody has to sign in, with the reason why this does not count as a
   * request of this machine
   */
  authenticate(request: Sender): Promise<string | null>
  /** By what one can sign in. */
  ways(): Promise<SignInWay[]>
  /** Of people who have signed in by name, and of their programs. */
  whoIs(request: Sender): Promise<Person | undefined>
  /**
   * Signs in a browser of somebody whose password was given, or chosen just now.
   * @returns the value of Set-Cookie
   * @throws {TintypeError} `unauthenticated` when that password was taken meanwhile
   */
  begin(request: ApiRequest, person: Pick<PersonRow, 'id' | 'owner' | 'password'>): Promise<string>
}

export type SignInWay = 'password' | 'token'

export interface Person {
  personId: string
  name: string
  /** Of their photos. */
  owner: string
  /** Hash of the browser's session; undefined for a program that has sent a token of theirs. */
  session: string | undefined
}

/** Seconds. */
const tokenAge = 30 * 24 * 3600

export interface SessionsOptions {
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Of wrong tokens and passwords, by address; undefined: they are not counted. */
  signIns: RateLimit | undefined
  /** Of wrong passwords for one name, wherever they come from. */
  guesses: RateLimit
  /** Where nobody signs in: names of hosts by which this machine may be asked, beside `localhost` and its like. */
  names: ReadonlySet<string>
  people: People
  browsers: BrowserSessions
  tokens: Pick<Tokens, 'find' | 'revokeAllOf'>
  passkeys: Pick<Passkeys, 'any'>
  /** The box into which `view` is made, in pixels, where it is another than usual: the gallery offers a smaller copy by it. */
  view: Box | undefined
  /** Told when a session has ended: pages of this owner that listen are asked anew whose they are. */
  signedOut(owner: string): void
}

/** Pixels. */
export interface Box {
  width: number
  height: number
}

/** The sender of a request. */
interface Visitor {
  owner: string
  /** Where it is somebody who has a name here. */
  person?: Person
}

/**
 * Programs send the token, or one of a person, as `Authorization: Bearer`. Browsers sign in once, by the token or by name and password, and get a
 * cookie that scripts can't read and pages of other sites can't write with, so that pictures and forms work without JavaScript.
 *
 * @param token undefined: people alone sign in; where there are none either, only this machine is let in
 */
export function createSessions(token: string | undefined, options: SessionsOptions): Sessions {
  const {
    own,
    clock,
    stallTimeout,
    names,
    signIns,
    guesses,
    people,
    browsers,
    tokens,
    passkeys,
    view,
    signedOut,
  } = options
  const cookie = createCookie('tintype_session', own)
  const ofToken =
    token === undefined ? '' : createHmac('sha256', token).update('tintype session 1').digest('base64url')
  const isRequired = async () => token !== undefined || (await people.any())
  const ways = async (): Promise<SignInWay[]> => [
    ...((await people.any()) ? (['password'] as const) : []),
    ...(token === undefined ? [] : (['token'] as const)),
  ]

  /**
   * A cookie can't be guessed, nor can a token of a person: both go on. The server's token may be: once an address has sent too
   * many wrong ones, no other is even looked at.
   * @throws {TintypeError} `too_many_requests`
   */
  async function visitorOf({ headers, remoteAddress, clientAddress }: Sender): Promise<Visitor | undefined> {
    const bearer = /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim()
    if (bearer && isToken(bearer)) {
      const found = await tokens.find(bearer)
      if (found) return visitorFrom(found)
      // What it said it was counts, whatever cookie comes beside it. That of the server may have this form, too.
      if (token === undefined || !isToken(token)) return undefined
    }
    if (bearer && token !== undefined) {
      const address = addressKey(clientAddress ?? remoteAddress)
      await signIns?.check(address)
      if (equal(bearer, token)) return { owner: thisMachinesOwner }
      await signIns?.demand(address)
      return undefined
    }
    const cookies = cookie.read(headers)
    if (token !== undefined && cookies.some((one) => equal(one, ofToken))) return { owner: thisMachinesOwner }
    for (const one of cookies) {
      const found = isId(one) ? await browsers.find(one) : undefined
      if (found) return visitorFrom(found, hashOf(one))
    }
    return undefined
  }

  const tell: Handler = async (request) => {
    const required = await isRequired()
    const visitor = required ? await visitorOf(request) : undefined
    const name = visitor?.person && { name: visitor.person.name }
    // Where it is not said, the token is the only way.
    const choice = (await people.any()) && { ways: await ways() }
    const byDevice = (await passkeys.any()) && { passkeys: true }
    const signedIn = !required || visitor !== undefined
    const unusual = view && { view }
    // Its gallery is shown on other servers, too, which have no albums.
    return taggedAnswer(
      { signedIn, required, albums: true, ...name, ...choice, ...byDevice, ...unusual },
      request,
    )
  }

  const signIn: Handler = async (request) => {
    const required = await isRequired()
    // Through a proxy no token helps: the answer says what to set.
    if (!required) ownerOnThisMachine(withoutAddresses(request), names)
    const address = addressKey(request.clientAddress)
    const setCookie = await counted(signIns, address, async () => {
      const given = await readFields(request, { clock, stallTimeout })
      return given.name !== undefined && given.password !== undefined
        ? byPassword(request, given.name, given.password)
        : byToken(request, given.token, required)
    })
    const answer = wantsHtml(request) ? redirect(303, `${own.of(request).path}/plain`) : emptyAnswer(204)
    return withHeaders(answer, { 'Set-Cookie': setCookie })
  }

  function byToken(request: ApiRequest, given = '', required: boolean): string {
    if (token === undefined && required) throw wrongPassword()
    if (token !== undefined && !equal(given.trim(), token))
      throw new TintypeError('unauthenticated', 'This is not the token of this server. Try again.')
    return cookie.set(request, ofToken, tokenAge)
  }

  async function byPassword(request: ApiRequest, name: string, password: string): Promise<string> {
    const person = await counted(guesses, nameKey(name), () => people.withPassword(name, password))
    if (!person) throw wrongPassword()
    return begin(request, person)
  }

  /** The session that this browser had before ends: another person may have put its cookie there, and has no part in this one. */
  async function begin(
    request: ApiRequest,
    person: Pick<PersonRow, 'id' | 'owner' | 'password'>,
  ): Promise<string> {
    await endThis(request)
    const secret = await browsers.begin(person)
    // Where a password was chosen anew, all sessions before it have ended.
    signedOut(person.owner)
    if (secret === undefined) throw wrongPassword()
    return cookie.set(request, secret, longestSession / 1000)
  }

  async function endThis({ headers }: Pick<Sender, 'headers'>): Promise<void> {
    for (const one of cookie.read(headers)) if (isId(one)) await browsers.end(one)
  }

  const signOut: Handler = async (request) => {
    const query = new URLSearchParams(request.query)
    const visitor = await visitorOf(request)
    const person = query.has('everywhere') ? visitor?.person : undefined
    if (person) {
      if (person.session === undefined) throw notForPrograms()
      await browsers.endAllOf(person.personId)
      if (query.has('tokens')) await tokens.revokeAllOf(person.personId)
    }
    await endThis(request)
    if (visitor) signedOut(visitor.owner)
    const answer = wantsHtml(request) ? redirect(303, `${own.of(request).path}/plain`) : emptyAnswer(204)
    return withHeaders(answer, { 'Set-Cookie': cookie.clear(request) })
  }

  return {
    routes: [
      { path: '/session', methods: { GET: tell, POST: signIn, DELETE: signOut } },
      // For forms without JavaScript, which know no DELETE.
      { path: '/session/end', methods: { POST: signOut } },
    ],
    isRequired,
    ways,
    async authenticate(request) {
      if (!(await isRequired())) return ownerOnThisMachine(withoutAddresses(request), names)
      return (await visitorOf(request))?.owner ?? null
    },
    whoIs: async (request) => (await visitorOf(request))?.person,
    begin,
  }
}

function visitorFrom({ owner, personId, name }: Omit<Person, 'session'>, session?: string): Visitor {
  return { owner, person: { personId, name, owner, session } }
}

/** A token that was stolen makes no other one, and lets nobody in who comes by a browser. */
export function notForPrograms(): TintypeError {
  return new TintypeError(
    'unauthenticated',
    'This is for people: a token opens photos and albums alone. Sign in by a browser.',
  )
}

function wrongPassword(): TintypeError {
  return new TintypeError(
    'unauthenticated',
    'Name or password is wrong. Try again. Forgotten? The person who runs this server can send you a new link.',
  )
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

/** Compares hashes, so that neither length nor content shows in the time it takes. */
function equal(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
