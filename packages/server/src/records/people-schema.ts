import type { Ledger } from 'tintype/internal/records/schema'

/**
 * The ready server's own tables, beside those of the ledger in the same database and under the same prefix. Times are
 * milliseconds since the epoch.
 */
export interface PeopleTables {
  person: PersonTable
  invitation: InvitationTable
  session: SessionTable
  album: AlbumTable
  album_item: AlbumItemTable
  link: LinkTable
}

/** Those of the ledger are read, never written. */
export type People = PeopleTables & Pick<Ledger, 'media'>

export const peopleTables = [
  'person',
  'invitation',
  'session',
  'album',
  'album_item',
  'link',
] as const satisfies (keyof PeopleTables)[]

/** A row means: this person may sign in, unless `removed_at` says that they may not any more. */
export interface PersonTable {
  id: string
  /** As it is shown. */
  name: string
  /** The same in the form by which names are told apart. */
  name_key: string
  /** Whose the photos are that this person sends. */
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

/** A row means: this owner has an album of this name. */
export interface AlbumTable {
  id: string
  owner: string
  name: string
  created_at: number
}

/**
 * A row means: this media belongs to the album, while it is there and its owner is the album's. It stays when the media is removed, so that
 * what is restored is in its albums again.
 */
export interface AlbumItemTable {
  album_id: string
  media_id: string
  added_at: number
  /** By which link a guest has sent it. */
  link_id: string | null
  /** SHA-256 of what tells this visit of a guest from others. */
  visit_hash: string | null
}

/** A row means: whoever has the token may see this album, or send photos into it, until it expires or is revoked. */
export interface LinkTable {
  id: string
  /** SHA-256 of the token. */
  token_hash: string
  album_id: string
  kind: 'view' | 'drop'
  /** 1: originals too, beside the sizes made of them. */
  original: number
  expires_at: number | null
  /** How many files, and how many bytes together, guests may send. Null: as many as the owner may. */
  max_files: number | null
  max_bytes: number | null
  /** What guests have sent. */
  files: number
  bytes: number
  created_at: number
  revoked_at: number | null
}
