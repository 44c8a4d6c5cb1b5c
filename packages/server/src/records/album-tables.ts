import type { Kysely } from 'kysely'

export interface AlbumTables {
  album: AlbumTable
  album_item: AlbumItemTable
  link: LinkTable
  guest_upload: GuestUploadTable
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
 * what is restored is in its albums again; what was deleted for good leaves it for `forgetGone` to take away.
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

/** A row means: the holder of the token may see this album, or send photos into it, until it expires or is revoked. */
export interface LinkTable {
  id: string
  /** SHA-256 of the token. */
  token_hash: string
  album_id: string
  kind: 'view' | 'drop'
  /** 1: originals too, beside the sizes made of them. */
  original: number
  /** 1: captions and descriptions too. */
  captions: number
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

/** A row means: a guest has begun this upload, a direct one or one that can go on later, and nobody else may go on with it. */
export interface GuestUploadTable {
  upload_id: string
  link_id: string
  visit_hash: string
  expires_at: number
}

export async function createAlbums(db: Kysely<unknown>, named: (name: string) => string): Promise<void> {
  await db.schema
    .createTable('album')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex(named('album_owner')).on('album').column('owner').execute()
  await db.schema
    .createTable('album_item')
    .addColumn('album_id', 'text', (c) => c.notNull().references('album.id'))
    .addColumn('media_id', 'text', (c) => c.notNull())
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addColumn('link_id', 'text')
    .addColumn('visit_hash', 'text')
    .addPrimaryKeyConstraint(named('album_item_once'), ['album_id', 'media_id'])
    .execute()
  await db.schema
    .createIndex(named('album_item_visit'))
    .on('album_item')
    .columns(['link_id', 'visit_hash'])
    .execute()
  await db.schema
    .createTable('link')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('album_id', 'text', (c) => c.notNull().references('album.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('original', 'integer', (c) => c.notNull())
    .addColumn('captions', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('max_files', 'bigint')
    .addColumn('max_bytes', 'bigint')
    .addColumn('files', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute()
  await db.schema.createIndex(named('link_album')).on('link').column('album_id').execute()
  await db.schema
    .createTable('guest_upload')
    .addColumn('upload_id', 'text', (c) => c.primaryKey())
    .addColumn('link_id', 'text', (c) => c.notNull())
    .addColumn('visit_hash', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex(named('guest_upload_expires')).on('guest_upload').column('expires_at').execute()
}
