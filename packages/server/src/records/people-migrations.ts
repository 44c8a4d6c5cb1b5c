import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { createAlbums } from './album-tables.ts'

/**
 * In order of their names; one that has shipped is never changed.
 * @param named gives indexes and constraints their prefix
 */
export function peopleMigrations(named: (name: string) => string): Record<string, Migration> {
  return {
    '0001_people': { up: (db: Kysely<unknown>) => createPeople(db, named) },
    '0002_albums': { up: (db: Kysely<unknown>) => createAlbums(db, named) },
    '0003_tokens': { up: (db: Kysely<unknown>) => createTokens(db, named) },
    '0004_passkeys': { up: (db: Kysely<unknown>) => createPasskeys(db, named) },
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

async function createTokens(db: Kysely<unknown>, named: (name: string) => string): Promise<void> {
  await db.schema
    .createTable('token')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addUniqueConstraint(named('token_name'), ['person_id', 'name'])
    .execute()
}

async function createPasskeys(db: Kysely<unknown>, named: (name: string) => string): Promise<void> {
  await db.schema
    .createTable('passkey')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('transports', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await db.schema.createIndex(named('passkey_person')).on('passkey').column('person_id').execute()
  await db.schema
    .createTable('challenge')
    .addColumn('challenge_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text')
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex(named('challenge_expires')).on('challenge').column('expires_at').execute()
}
