/**
 * What people of the ready server do about themselves: docs/people.md. Paths of the site, not below `/api`, for browsers in which
 * somebody is signed in by name: a token opens none of them.
 */
export const personRoutes = {
  /** `GET` answers {@link PersonTokens}; `POST` with `{ name }` answers 201 and {@link MadePersonToken}. */
  tokens: '/session/tokens',
  /** `DELETE` 204: it ends at once. */
  token: (id: string) => `/session/tokens/${encodeURIComponent(id)}`,
  /** `GET` answers {@link Passkeys}; `POST` with {@link NewPasskey} answers 201 and {@link Passkey}. */
  passkeys: '/session/passkeys',
  /** `POST` answers what `navigator.credentials.create` takes, as JSON. */
  passkeyOptions: '/session/passkeys/options',
  /** `DELETE` 204: nobody signs in with it any more. */
  passkey: (id: string) => `/session/passkeys/${encodeURIComponent(id)}`,
  /** `POST` with {@link PasswordChange} answers 204: this browser stays signed in, and no other one. */
  password: '/session/password',
  /** For everybody. `POST` answers what `navigator.credentials.get` takes, as JSON. */
  signInOptions: '/session/passkey/options',
  /** For everybody. `POST` with `{ response }` signs in: 204 and a cookie. */
  signIn: '/session/passkey',
} as const

/** Characters that a password has to have. */
export const shortestPassword = 10

/** Characters that a password may have, as JavaScript counts them: longer ones would cost without adding anything. */
export const longestPassword = 200

/** Body of `POST /session/password`. */
export interface PasswordChange {
  /** The present one. */
  current: string
  /** The one that takes its place. */
  password: string
}

/** A key in a device, by which a person signs in. */
export interface Passkey {
  id: string
  name: string
  /** The only one at which it works, e.g. `photos.example`. */
  host: string
  /** RFC 3339, UTC. */
  createdAt: string
  usedAt: string | null
}

/** Answer of `GET /session/passkeys`: in the order in which they were made. */
export interface Passkeys {
  passkeys: Passkey[]
}

/** Body of `POST /session/passkeys`. */
export interface NewPasskey {
  name: string
  /** What the device has answered, as JSON: a `RegistrationResponseJSON`. */
  response: unknown
}

/** A token by which programs of a person are let in. */
export interface PersonToken {
  id: string
  name: string
  /** RFC 3339, UTC. */
  createdAt: string
  /** When it was used last, within the hour; null: never. */
  usedAt: string | null
}

/** Answer of `GET /session/tokens`: in the order in which they were made. */
export interface PersonTokens {
  tokens: PersonToken[]
}

/** Answer of `POST /session/tokens`. */
export interface MadePersonToken {
  token: PersonToken
  /** What programs send as `Authorization: Bearer`. The server keeps its hash, and can't show it again. */
  secret: string
}
