import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TintypeOptions } from '../options.ts'
import { ConfigError } from './error.ts'
import { readTintypeOptions } from './options.ts'

describe('a database', () => {
  const pool = { connect() {}, on() {}, off() {}, totalCount: 0, options: {} }
  const of = (database: unknown) =>
    readTintypeOptions({ authenticate: () => 'me', database } as TintypeOptions).database

  for (const [given, taken] of [
    ['postgres://u@h/d', { url: 'postgres://u@h/d' }],
    ['./data/x.db', { file: './data/x.db' }],
    ['postgres.db', { file: 'postgres.db' }],
    [{ url: 'POSTGRESQL://u@h/d' }, { url: 'postgresql://u@h/d', tablePrefix: 'tintype_' }],
    [
      { file: ':memory:', tablePrefix: '_9' },
      { file: ':memory:', tablePrefix: '_9' },
    ],
    [
      { pool, schema: 'media', tablePrefix: '' },
      { pool, schema: 'media', tablePrefix: '' },
    ],
    [{ url: 'postgres://h/d', schema: 'a'.repeat(63) }, { schema: 'a'.repeat(63) }],
    [{ tablePrefix: `${'a'.repeat(39)}_` }, { tablePrefix: `${'a'.repeat(39)}_` }],
  ] as const) {
    test(`${JSON.stringify(given)} is taken`, () => assert.partialDeepStrictEqual(of(given), taken))
  }

  for (const [given, said] of [
    [7, /^database is 7; it has to be postgres:/],
    [{ url: './x.db' }, /^database\.url is a string; it has to be postgres:/],
    [{ file: 'postgres://u:hunter2@h/d' }, /^database\.file is a string; it has to be the path of an SQLite/],
    [{ url: undefined }, /^database\.url is given, but has no value/],
    [{ pool: undefined, schema: 'x' }, /^database\.pool is given, but has no value/],
    [{ pool: { connect() {} } }, /^database\.pool is an object; it has to be a Pool of pg/],
    [{ url: 'postgres://h/d', pool }, /^database\.url and database\.pool are two databases/],
    [{ pool, prefix: 'x_' }, /^database\.prefix is not known/],
    [{ pool, schema: 'Media' }, /^database\.schema is "Media"; .* such as photos/],
    [{ pool, schema: 'my schema' }, /^database\.schema can not be read/],
    [{ pool, schema: 'pg_catalog' }, /^database\.schema is "pg_catalog"/],
    [{ pool, schema: 'a'.repeat(64) }, /^database\.schema is "a+"; it has to be at most 63/],
    [{ pool, schema: '' }, /^database\.schema is empty/],
    [{ file: './x.db', schema: 'media' }, /^database\.schema is "media", and SQLite has no schemas/],
    [{ schema: 'media' }, /SQLite has no schemas/],
    [{ pool, tablePrefix: '' }, /^database\.tablePrefix is empty; .* database\.schema/],
    [{ tablePrefix: 'a'.repeat(41) }, /^database\.tablePrefix is "a+"; it has to be at most 40/],
    [{ tablePrefix: 'x"; drop table users; --' }, /^database\.tablePrefix can not be read/],
    [{ tablePrefix: 'a-b' }, /^database\.tablePrefix is "a-b"/],
    [{ tablePrefix: '9_' }, /^database\.tablePrefix is "9_"/],
    [{ tablePrefix: 'é_' }, /^database\.tablePrefix is "é_"/],
    [{ tablePrefix: 'sqlite_' }, /^database\.tablePrefix is "sqlite_"/],
  ] as const) {
    test(`${JSON.stringify(given)} is refused`, () =>
      assert.throws(
        () => of(given),
        (error) => {
          assert.ok(error instanceof ConfigError, String(error))
          assert.match(error.message, said)
          assert.doesNotMatch(error.message, /hunter2/)
          return true
        },
      ))
  }
})
