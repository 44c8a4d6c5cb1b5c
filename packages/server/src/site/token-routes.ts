import type { MadePersonToken, PersonToken, PersonTokens } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { type ApiRequest, emptyAnswer, jsonAnswer } from 'tintype/internal/http/exchange'
import type { Handler, Route } from 'tintype/internal/http/routes'
import type { Tokens } from '../people/tokens.ts'
import type { TokenRow } from '../records/token-records.ts'
import { readFields } from './fields.ts'
import { notForPrograms, type Sessions } from './session.ts'

export interface TokenRoutesOptions {
  tokens: Tokens
  sessions: Pick<Sessions, 'whoIs'>
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  /** Told when one was revoked: programs of this owner that listen are asked anew whose they are. */
  signedOut(owner: string): void
}

/** `/session/tokens`: what a person gives to their programs. */
export function tokenRoutes({
  tokens,
  sessions,
  clock,
  stallTimeout,
  signedOut,
}: TokenRoutesOptions): Route[] {
  const list: Handler = async (request) => {
    const { personId } = await demandPerson(sessions, request)
    const all: PersonTokens = { tokens: (await tokens.list(personId)).map(present) }
    return jsonAnswer(all)
  }

  const make: Handler = async (request) => {
    const { personId, session } = await demandPerson(sessions, request)
    const { name = '' } = await readFields(request, { clock, stallTimeout })
    const { token, secret } = await tokens.make(personId, name, session)
    const made: MadePersonToken = { token: present(token), secret }
    return jsonAnswer(made, 201, { 'Cache-Control': 'no-store' })
  }

  const revoke: Handler = async (request, { id }) => {
    const { personId, owner } = await demandPerson(sessions, request)
    await tokens.revoke(personId, id)
    signedOut(owner)
    return emptyAnswer(204)
  }

  return [
    { path: '/session/tokens', methods: { GET: list, POST: make } },
    { path: '/session/tokens/:id', methods: { DELETE: revoke } },
  ]
}

/**
 * The person who is signed in by name in this browser.
 * @throws {TintypeError} `unauthenticated`
 */
export async function demandPerson(sessions: Pick<Sessions, 'whoIs'>, request: ApiRequest) {
  const person = await sessions.whoIs(request)
  if (!person) throw new TintypeError('unauthenticated', 'Sign in by name first.')
  const { session } = person
  if (session === undefined) throw notForPrograms()
  return { ...person, session }
}

const present = ({ id, name, created_at, used_at }: TokenRow): PersonToken => ({
  ...{ id, name, createdAt: new Date(created_at).toISOString() },
  usedAt: used_at === null ? null : new Date(used_at).toISOString(),
})
