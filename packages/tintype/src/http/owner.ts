import { TintypeError } from '../errors.ts'
import type { RequestOfApp, TintypeOptions } from '../options.ts'
import type { ApiRequest } from './exchange.ts'
import { strangerToThisMachine, thisMachinesOwner } from './this-machine.ts'

/** What is known of the sender of a request. */
export type Sender = Pick<ApiRequest, 'headers' | 'remoteAddress'> &
  Partial<Pick<ApiRequest, 'clientAddress'>>

/**
 * The owner of a request, as given to the door or by `authenticate`.
 * @throws {TintypeError} `unauthenticated`
 */
export function createOwnerOf(
  authenticate: TintypeOptions['authenticate'],
): (request: ApiRequest) => Promise<string> {
  const ask = (request: ApiRequest) =>
    authenticate === 'this-machine'
      ? ownerOnThisMachine(request)
      : authenticate(request.original as RequestOfApp)
  return async (request) => {
    const isGiven = request.owner !== undefined
    const owner: unknown = isGiven ? request.owner : await ask(request)
    if (owner === null || owner === undefined || owner === '') {
      throw new TintypeError('unauthenticated', 'Sign in, or send a token as Authorization: Bearer.')
    }
    // `false` would be one owner for all users who are not signed in.
    if (typeof owner !== 'string') {
      throw new TypeError(
        `${isGiven ? 'owner is' : 'authenticate has answered with'} a ${typeof owner}; it has to be a string, or null for nobody: write String(id) for an id that is a number.`,
      )
    }
    return owner
  }
}

/**
 * @param names further hosts by which this machine may be asked
 * @throws {TintypeError} `unauthenticated`, and says why
 */
export function ownerOnThisMachine(
  { headers, remoteAddress: peer }: Pick<Sender, 'headers' | 'remoteAddress'>,
  names?: ReadonlySet<string>,
): string {
  const why = strangerToThisMachine({ headers, peer }, names)
  if (why === undefined) return thisMachinesOwner
  throw new TintypeError(
    'unauthenticated',
    `Only this machine itself is let in, and this request does not count as its own: ${why}. To let others in, set TINTYPE_TOKEN, or in an app authenticate to a function that says who is signed in.`,
  )
}
