import type { Request } from 'express'
import { TintypeError } from '../errors.ts'
import type { TintypeOptions } from '../options.ts'
import { strangerToThisMachine, thisMachinesOwner } from './this-machine.ts'

/**
 * Whose a request is, as the app says it.
 * @throws {TintypeError} `unauthenticated`
 */
export function createOwnerOf(
  authenticate: TintypeOptions['authenticate'],
): (req: Request) => Promise<string> {
  if (authenticate === 'this-machine') return async (req) => ownerOnThisMachine(req)
  return async (req) => {
    const owner: unknown = await authenticate(req)
    if (owner === null || owner === undefined || owner === '') {
      throw new TintypeError('unauthenticated', 'Sign in, or send a token as Authorization: Bearer.')
    }
    // `false` would be one owner for everybody who is not signed in.
    if (typeof owner !== 'string') {
      throw new TypeError(
        `authenticate has answered with a ${typeof owner}; it has to be a string, or null for nobody: write String(id) for an id that is a number.`,
      )
    }
    return owner
  }
}

/**
 * @param names further hosts by which this machine may be asked
 * @throws {TintypeError} `unauthenticated`, and says why
 */
export function ownerOnThisMachine(req: Request, names?: ReadonlySet<string>): string {
  const why = strangerToThisMachine({ headers: req.headers, peer: req.socket.remoteAddress ?? '' }, names)
  if (why === undefined) return thisMachinesOwner
  throw new TintypeError(
    'unauthenticated',
    `Only this machine itself is let in, and this request does not count as its own: ${why}. To let others in, set TINTYPE_TOKEN, or in an app authenticate to a function that says who is signed in.`,
  )
}
