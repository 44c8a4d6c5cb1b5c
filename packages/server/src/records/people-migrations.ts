import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * In order of their names; one that has shipped is never changed.
 * @param named gives indexes and constraints their prefix
 */
export function peopleMigrations(named: (name: string) => string): Record<string, Migration> {
  return {
    '0001_people': { up: (db: Kysely<unknown>) => createPeople(db, named) },
    '0002_albums': { up: (db: Kysely<unknown>) => createAlbums(db, named) },
  }
}

async function createPeople(db: Kysely<unknown>, named: (name: string) => string): Promise<void> {
  await db.schema
    .createTable('person')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull().unique())
    .addColumn('owner', 'text', (c) => c.notNull().unique())
    .addColumn('password', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .execute()
  await db.schema
    .createTable('invitation')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('session')
    .addColumn('id_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex(named('session_person')).on('session').column('person_id').execute()
  await db.schema.createIndex(named('session_expires')).on('session').column('expires_at').execute()
}

async function createAlbums(db: Kysely<unknown>, named: (name: string) => string): Promise<void> {
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
    .createTable('link')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('album_id', 'text', (c) => c.notNull().references('album.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('original', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('max_files', 'bigint')
    .addColumn('max_bytes', 'bigint')
    .addColumn('files', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute()
  await db.schema.createIndex(named('link_album')).on('link').column('album_id').execute()
}
