import type { Passkey, Passkeys as PasskeyList } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type ApiRequest, emptyAnswer, jsonAnswer } from 'tintype/internal/http/exchange'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { addressKey } from 'tintype/internal/http/writes'
import type { RateLimit } from 'tintype/internal/quotas/rates'
import { counted } from '../people/attempts.ts'
import type { PasskeySite, Passkeys } from '../people/passkeys.ts'
import type { PasskeyRow } from '../records/passkey-records.ts'
import { readObject } from './fields.ts'
import type { Sessions } from './session.ts'
import { demandPerson } from './token-routes.ts'

export interface PasskeyRoutesOptions {
  passkeys: Passkeys
  sessions: Pick<Sessions, 'whoIs' | 'begin'>
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Of sign-ins that fail, by address; undefined: they are not counted. */
  signIns: RateLimit | undefined
  /** Of those that are begun, by address. */
  challenges: RateLimit
}

/** `/session/passkeys`: those of a person, and `/session/passkey`: signing in with one. */
export function passkeyRoutes(options: PasskeyRoutesOptions): Route[] {
  const { passkeys, sessions, own, signIns, challenges } = options
  const siteOf = (request: ApiRequest) => demandSite(own.of(request).origin)
  const noStore = { 'Cache-Control': 'no-store' }

  const list: Handler = async (request) => {
    const { personId } = await demandPerson(sessions, request)
    const all: PasskeyList = { passkeys: (await passkeys.list(personId)).map(present) }
    return jsonAnswer(all)
  }

  const beginAdding: Handler = async (request) => {
    const person = await demandPerson(sessions, request)
    await challenges.demand(addressKey(request.clientAddress))
    return jsonAnswer(await passkeys.beginAdding(person, siteOf(request)), 200, noStore)
  }

  const add: Handler = async (request) => {
    const person = await demandPerson(sessions, request)
    const { name, response } = await readObject(request, options)
    const given = { name: typeof name === 'string' ? name : '', response }
    return jsonAnswer(present(await passkeys.add(person, siteOf(request), given)), 201)
  }

  const remove: Handler = async (request, { id }) => {
    const { personId } = await demandPerson(sessions, request)
    await passkeys.remove(personId, id)
    return emptyAnswer(204)
  }

  const beginSigningIn: Handler = async (request) => {
    const address = addressKey(request.clientAddress)
    await signIns?.check(address)
    await challenges.demand(address)
    return jsonAnswer(await passkeys.beginSigningIn(siteOf(request)), 200, noStore)
  }

  const signIn: Handler = async (request) => {
    const address = addressKey(request.clientAddress)
    const person = await counted(signIns, address, async () => {
      const { response } = await readObject(request, options)
      return passkeys.signIn(siteOf(request), response)
    })
    return emptyAnswer(204, { 'Set-Cookie': await sessions.begin(request, person) })
  }

  return [
    { path: '/session/passkeys', methods: { GET: list, POST: add } },
    { path: '/session/passkeys/options', methods: { POST: beginAdding } },
    { path: '/session/passkeys/:id', methods: { DELETE: remove } },
    { path: '/session/passkey', methods: { POST: signIn } },
    { path: '/session/passkey/options', methods: { POST: beginSigningIn } },
  ]
}

/**
 * Devices make keys for names of hosts alone, and for pages that nobody on the way can have changed.
 * @throws {TintypeError} `invalid_parameter`
 */
function demandSite(origin: string): PasskeySite {
  const { protocol, hostname } = new URL(origin === '' ? 'http://unknown' : origin)
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  const isNumber = hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
  if (!isNumber && (protocol === 'https:' || isLocal)) return { origin, host: hostname }
  throw new TintypeError(
    'invalid_parameter',
    `Passkeys work at an https address with a name, or at http://localhost, and this is ${origin}. Set PUBLIC_URL to the address that people use.`,
  )
}

const present = ({ id, name, host, created_at, used_at }: PasskeyRow): Passkey => ({
  ...{ id, name, host, createdAt: new Date(created_at).toISOString() },
  usedAt: used_at === null ? null : new Date(used_at).toISOString(),
})
