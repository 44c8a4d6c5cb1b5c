import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { isObject } from 'tintype/internal/http/json'
import { createPasskeyRecords, type PasskeyPerson, type PasskeyRow } from '../records/passkey-records.ts'
import type { PeopleDatabase } from '../records/people-database.ts'
import { readName } from './names.ts'
import { hashOf } from './secret.ts'

/**
 * Passkeys (https://www.w3.org/TR/webauthn-3/): a device signs a challenge of ours with a key that never leaves it, once it has made
 * sure who holds it by finger, face or PIN. Each is for one host.
 */
export interface Passkeys {
  any(): Promise<boolean>
  list(personId: string): Promise<PasskeyRow[]>
  /** What the browser hands to a device to make one. */
  beginAdding(
    person: { personId: string; name: string },
    site: PasskeySite,
  ): Promise<PublicKeyCredentialCreationOptionsJSON>
  /**
   * @param response what the device has answered, as it came
   * @throws {TintypeError} `invalid_parameter`; `conflict`, `quota_exceeded`, `unauthenticated`
   */
  add(
    person: { personId: string; session: string },
    site: PasskeySite,
    given: { name: string; response: unknown },
  ): Promise<PasskeyRow>
  /** @throws {TintypeError} `not_found` */
  remove(personId: string, id: string): Promise<void>
  /** What the browser hands to a device to sign somebody in: it says who. */
  beginSigningIn(site: PasskeySite): Promise<PublicKeyCredentialRequestOptionsJSON>
  /** @throws {TintypeError} `unauthenticated`: the same for whatever is wrong */
  signIn(site: PasskeySite, response: unknown): Promise<PasskeyPerson>
}

/** Where a page stands that asks for a passkey. */
export interface PasskeySite {
  /** `https://photos.example` */
  origin: string
  /** `photos.example` */
  host: string
}

/** Of one person. */
const mostPasskeys = 20
/** Milliseconds for which people look for their finger, or the other phone. */
const patience = 300_000
/** Bytes of a credential's id: the standard's own limit is 1023. */
const longestId = 1364

/** Of signatures, as COSE numbers them: Ed25519, ES256, RS256. Those that Node calls experimental are left out. */
const algorithms = [-8, -7, -257]

/** Loaded when the first one is used: with what it needs it takes some 30 MB. */
const webauthn = () => import('@simplewebauthn/server')

export function createPasskeys({ db }: Pick<PeopleDatabase, 'db'>, clock: Clock): Passkeys {
  const records = createPasskeyRecords(db)

  async function note(challenge: string, personId: string | null): Promise<void> {
    const now = clock.now()
    await records.challenge({ hash: hashOf(challenge), personId, expiresAt: now + patience }, now)
  }

  /** The challenge that was signed, which is used up by this; undefined where it is none of ours. */
  async function take(response: unknown, personId: string | null): Promise<string | undefined> {
    const challenge = challengeOf(response)
    if (challenge === undefined) return undefined
    return (await records.take(hashOf(challenge), personId, clock.now())) ? challenge : undefined
  }

  return {
    any: records.any,
    list: records.list,

    async beginAdding({ personId, name }, { host }) {
      const { generateRegistrationOptions } = await webauthn()
      const options = await generateRegistrationOptions({
        ...{ rpName: 'Tintype', rpID: host, userName: name, userDisplayName: name },
        supportedAlgorithmIDs: algorithms,
        userID: Uint8Array.from(Buffer.from(personId)),
        timeout: patience,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        // Two of one device would be told apart by nobody.
        excludeCredentials: (await records.list(personId)).map(({ id, transports }) => ({
          ...{ id, transports: JSON.parse(transports) },
        })),
      })
      await note(options.challenge, personId)
      return options
    },

    async add({ personId, session }, { origin, host }, { name, response }) {
      const shown = readName(name)
      const challenge = await take(response, personId)
      const found =
        challenge === undefined ? undefined : await registered(response, { challenge, origin, host })
      if (!found)
        throw new TintypeError(
          'invalid_parameter',
          'This passkey could not be made: it took too long, or was made for another address. Try again.',
        )
      const passkey: PasskeyRow = {
        ...{ ...found, person_id: personId, name: shown, host },
        ...{ created_at: clock.now(), used_at: null },
      }
      const outcome = await records.add(passkey, session, mostPasskeys)
      if (outcome === 'added') return passkey
      if (outcome === 'ended') throw new TintypeError('unauthenticated', 'Sign in again.')
      if (outcome === 'known') throw new TintypeError('conflict', 'This passkey is here already.')
      throw new TintypeError(
        'quota_exceeded',
        `There are ${mostPasskeys} passkeys already: remove one first.`,
        { limit: mostPasskeys },
      )
    },

    async remove(personId, id) {
      if (await records.remove(id, personId)) return
      throw new TintypeError('not_found', 'There is no such passkey.')
    },

    async beginSigningIn({ host }) {
      const { generateAuthenticationOptions } = await webauthn()
      const options = await generateAuthenticationOptions({
        ...{ rpID: host, timeout: patience, userVerification: 'required' },
      })
      await note(options.challenge, null)
      return options
    },

    async signIn(site, response) {
      const challenge = await take(response, null)
      const id = idOf(response)
      const found = challenge === undefined || id === undefined ? undefined : await records.find(id)
      const counter =
        found && challenge !== undefined
          ? await authenticated(response, found, { ...site, challenge })
          : undefined
      const isUsed =
        found && counter !== undefined && (await records.use(found.passkey.id, counter, clock.now()))
      if (!isUsed)
        throw new TintypeError(
          'unauthenticated',
          'This passkey is not known here, or it took too long. Try again, or sign in by name and password.',
        )
      return found.person
    },
  }
}

interface Expected extends PasskeySite {
  challenge: string
}

/** What is kept of a new passkey; undefined where it does not hold. */
async function registered(response: unknown, { challenge, origin, host }: Expected) {
  const { verifyRegistrationResponse } = await webauthn()
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: await withoutAttestation(response as RegistrationResponseJSON),
      ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host },
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified) return undefined
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential
    const known = transports.filter((one) => /^[\w-]{1,32}$/.test(one)).slice(0, 10)
    const public_key = Buffer.from(publicKey).toString('base64url')
    return { id, public_key, counter, transports: JSON.stringify(known) }
  } catch {
    // Anything at all may have been sent in its place.
    return undefined
  }
}

/**
 * The same without what the device says of its maker, which was not asked for: certificates of anybody's would be judged by fetching
 * what they name as their list of revoked ones, from whatever address that is, and however long it takes. See decisions/0319.
 */
async function withoutAttestation(given: RegistrationResponseJSON): Promise<RegistrationResponseJSON> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await import('@simplewebauthn/server/helpers')
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(given.response.attestationObject))
  const none = isoCBOR.encode(
    new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', attestation.get('authData')],
    ]),
  )
  return { ...given, response: { ...given.response, attestationObject: isoBase64URL.fromBuffer(none) } }
}

/** @returns how often the device has been used; undefined where the signature does not hold */
async function authenticated(
  response: unknown,
  { passkey: { id, public_key, counter }, person }: { passkey: PasskeyRow; person: PasskeyPerson },
  { challenge, origin, host }: Expected,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await webauthn()
  try {
    const given = response as AuthenticationResponseJSON
    const { userHandle } = given.response
    if (userHandle && Buffer.from(userHandle, 'base64url').toString() !== person.id) return undefined
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given,
      ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host },
      credential: { id, publicKey: Uint8Array.from(Buffer.from(public_key, 'base64url')), counter },
    })
    return verified ? authenticationInfo.newCounter : undefined
  } catch {
    return undefined
  }
}

function challengeOf(response: unknown): string | undefined {
  if (!isObject(response) || !isObject(response.response)) return undefined
  const { clientDataJSON } = response.response
  if (typeof clientDataJSON !== 'string') return undefined
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
    return typeof challenge === 'string' ? challenge : undefined
  } catch {
    return undefined
  }
}

function idOf(response: unknown): string | undefined {
  const id = isObject(response) ? response.id : undefined
  return typeof id === 'string' && id.length <= longestId && /^[\w-]+$/.test(id) ? id : undefined
}
