/**
 * What people of the ready server do about themselves: docs/people.md. Paths of the site, not below `/api`, for browsers in which
 * somebody is signed in by name: a token opens none of them.
 */
export const personRoutes = {
  /** `GET` answers {@link PersonTokens}; `POST` with `{ name }` answers 201 and {@link MadePersonToken}. */
  tokens: '/session/tokens',
  /** `DELETE` 204: it ends at once. */
  token: (id: string) => `/session/tokens/${encodeURIComponent(id)}`,
} as const

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
