import {
  type MadePersonToken,
  type Passkey,
  type Passkeys,
  type PasswordChange,
  type PersonToken,
  type PersonTokens,
  personRoutes,
} from '@tintype/protocol'
import { ask, withBody } from '../api.ts'
import { home } from '../home.ts'

/** Calls about the person who is signed in. They throw errors whose message is fit for people. */

/** Where the server has it. */
export const at = (route: string) => home.replace(/\/$/, '') + route

export const listTokens = async (): Promise<PersonToken[]> =>
  (await ask<PersonTokens>(at(personRoutes.tokens))).tokens

export const makeToken = (name: string): Promise<MadePersonToken> =>
  ask(at(personRoutes.tokens), withBody('POST', { name }))

/** It ends at once. */
export const revokeToken = (id: string): Promise<void> =>
  ask(at(personRoutes.token(id)), { method: 'DELETE' })

/** Signs out every other browser. */
export const changePassword = (change: PasswordChange): Promise<void> =>
  ask(at(personRoutes.password), withBody('POST', change))

export const listPasskeys = async (): Promise<Passkey[]> =>
  (await ask<Passkeys>(at(personRoutes.passkeys))).passkeys

/** It signs nobody in any more. */
export const removePasskey = (id: string): Promise<void> =>
  ask(at(personRoutes.passkey(id)), { method: 'DELETE' })
