import type { Clock } from 'tintype/internal/clock'
import type { OwnAddress } from 'tintype/internal/http/address'
import { usualVariants } from 'tintype/internal/settings/variants'
import type { Tintype } from 'tintype/internal/tintype'
import type { Config } from '../config.ts'
import type { Family } from '../people/family.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import { passkeyRoutes } from './passkey-routes.ts'
import { passwordRoutes } from './password-routes.ts'
import { type Box, createSessions, type Sessions } from './session.ts'
import { tokenRoutes } from './token-routes.ts'

/** Wrong passwords for one name: few enough that nobody guesses one, and enough for somebody who tries all they ever had. */
const guessesOfOneName = { count: 50, seconds: 3600 }

/** Each is a row for some minutes. */
const challengesOfOneAddress = { count: 60, seconds: 60 }

export interface SignIn {
  sessions: Sessions
  accounts: Accounts
}

/** All that decides who somebody is. */
export function createSignIn(
  { token, times, signIns: rate, variants }: Pick<Config, 'token' | 'times' | 'signIns' | 'variants'>,
  {
    tintype,
    family: { people, browsers, tokens, passkeys },
    ...given
  }: { tintype: Tintype; family: Family; own: OwnAddress; names: ReadonlySet<string>; clock: Clock },
): SignIn {
  const stallTimeout = times.stall * 1000
  const signIns = rate && tintype.rateLimit('sign-in', rate)
  const guesses = tintype.rateLimit('sign-in of one name', guessesOfOneName)
  const { signedOut } = tintype
  const shared = { ...given, stallTimeout, signIns }
  const sessions = createSessions(token, {
    ...{ ...shared, guesses, signedOut },
    ...{ people, browsers, tokens, passkeys },
    view: unusualView(variants),
  })
  const accounts = createAccounts({ ...shared, people, sessions })
  const challenges = tintype.rateLimit('passkey challenges', challengesOfOneAddress)
  const more = [
    ...tokenRoutes({ ...shared, tokens, sessions, signedOut }),
    ...passwordRoutes({ ...shared, people, sessions, guesses, signedOut }),
    ...passkeyRoutes({ ...shared, passkeys, sessions, challenges }),
  ]
  return { sessions, accounts: { routes: [...accounts.routes, ...more] } }
}

/** Pages assume the usual one where they are told of none. */
function unusualView(variants: Config['variants']): Box | undefined {
  const boxOf = (all: Config['variants']) => all.find(({ name }) => name === 'view')
  const [now, usual] = [boxOf(variants), boxOf(usualVariants)]
  if (!now || (now.width === usual?.width && now.height === usual.height)) return undefined
  return { width: now.width, height: now.height }
}
