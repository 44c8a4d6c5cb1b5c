import type { Ledger } from 'tintype/internal/records/schema'
import type { AlbumTables } from './album-tables.ts'

/**
 * The ready server's own tables, beside those of the ledger in the same database and under the same prefix. Times are
 * milliseconds since the epoch.
 */
export interface PeopleTables extends AlbumTables {
  person: PersonTable
  invitation: InvitationTable
  session: SessionTable
  token: TokenTable
  passkey: PasskeyTable
  challenge: ChallengeTable
}

/** Those of the ledger are read, never written. */
export type People = PeopleTables & Pick<Ledger, 'media' | 'version'>

export const peopleTables = [
  'person',
  'invitation',
  'session',
  'token',
  'passkey',
  'challenge',
  'album',
  'album_item',
  'link',
  'guest_upload',
] as const satisfies (keyof PeopleTables)[]

/** A row means: this person may sign in, unless `removed_at` says that they may not any more. */
export interface PersonTable {
  id: string
  /** As it is shown. */
  name: string
  /** The same in the form by which names are told apart. */
  name_key: string
  /** The owner of the photos that this person sends. */
  owner: string
  /** With its salt and parameters. Null: an invitation has to be opened first. */
  password: string | null
  created_at: number
  /** The row stays, so that nobody else is ever given these photos. */
  removed_at: number | null
}

/** A row means that the holder of the token may choose a password for this person, once, until it expires. */
export interface InvitationTable {
  /** SHA-256 of the token. */
  token_hash: string
  person_id: string
  expires_at: number
}

/** A row means: a browser with the cookie of this hash is signed in. */
export interface SessionTable {
  /** SHA-256 of what the cookie holds. */
  id_hash: string
  person_id: string
  created_at: number
  /** Moves on while the session is used, up to a last date. */
  expires_at: number
}

/** A row means: a program that sends the token of this hash may do with photos and albums what this person may. */
export interface TokenTable {
  id: string
  /** SHA-256 of the token. */
  token_hash: string
  person_id: string
  /** By which its person tells it from others. */
  name: string
  created_at: number
  /** Within the hour; null: never. */
  used_at: number | null
}

/** A row means: a device that has the private key of this public one may sign this person in. */
export interface PasskeyTable {
  /** As the device calls it, in base64url. */
  id: string
  person_id: string
  /** By which its person tells it from others. */
  name: string
  /** A COSE key in base64url. */
  public_key: string
  /** How often it was used, where the device counts. */
  counter: number
  /** How browsers reach the device, as JSON. */
  transports: string
  /** The host for which it was made, and no other. */
  host: string
  created_at: number
  used_at: number | null
}

/** A row means: a device may sign this once, until it expires. */
export interface ChallengeTable {
  challenge_hash: string
  /** For whom a passkey is to be added; null: to sign somebody in. */
  person_id: string | null
  expires_at: number
}
