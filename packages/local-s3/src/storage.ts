import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** An object as S3 sees it. Its bytes lie in a blob file, whose name has nothing to do with the key. */
export interface StoredObject {
  key: string
  /** Empty for an object without bytes. */
  blob: string
  size: number
  /** Without quotes. */
  etag: string
  checksum: { algorithm: string; value: string } | undefined
  /** Content headers and `x-amz-meta-*`, by lower-case name. */
  headers: Record<string, string>
  /** Milliseconds. */
  modified: number
}

export interface Storage {
  hasBucket(bucket: string): boolean
  createBucket(bucket: string, now: number): void
  get(bucket: string, key: string): StoredObject | undefined
  /** A fresh blob to write to. Nothing of it is visible before `put`; what isn't put has to be discarded. */
  createBlob(): Promise<BlobWriter>
  /**
   * Makes the object visible, durably, in place of what was there; all in one transaction.
   * @param check sees what is there now, may throw to refuse
   */
  put(bucket: string, object: StoredObject, check: (current: StoredObject | undefined) => void): Promise<void>
  delete(bucket: string, key: string): Promise<void>
  /** Objects in order of the keys' UTF-8 bytes. */
  list(
    bucket: string,
    query: { prefix: string; after: string; inclusive: boolean; limit: number },
  ): StoredObject[]
  blobPath(blob: string): string
  getConfiguration(bucket: string, name: string): string | undefined
  setConfiguration(bucket: string, name: string, value: string | undefined): void
  close(): void
}

export interface BlobWriter {
  blob: string
  write(data: Buffer): Promise<void>
  /** Everything written is on the disk when this returns. */
  finish(): Promise<void>
  discard(): Promise<void>
}

/**
 * Durable storage below one folder: rows in SQLite, bytes in files. A put is: write and fsync the blob, then
 * commit the row; so after a crash there is the old object or the new one, never a torn one. Blobs that no row
 * names are leftovers and are removed at the start; one process at a time may have the folder open.
 *
 * @throws when another process has the folder open
 */
export function openStorage(directory: string): Storage {
  const blobs = join(directory, 'blobs')
  for (let i = 0; i < 256; i++) mkdirSync(join(blobs, i.toString(16).padStart(2, '0')), { recursive: true })
  const db = new DatabaseSync(join(directory, 'objects.db'))
  lockAndMigrate(db, directory)
  removeLeftovers(db, blobs)

  const blobPath = (blob: string) => join(blobs, blob.slice(0, 2), blob)
  const selectObject = db.prepare('select * from object where bucket = ? and key = ?')
  const upsertObject = db.prepare(
    `insert into object (bucket, key, blob, size, etag, checksum, headers, modified) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (bucket, key) do update set blob = excluded.blob, size = excluded.size, etag = excluded.etag,
     checksum = excluded.checksum, headers = excluded.headers, modified = excluded.modified`,
  )
  const deleteObject = db.prepare('delete from object where bucket = ? and key = ? returning blob')
  const listObjects = db.prepare(
    `select * from object where bucket = ? and key > ? and key >= ? and key < ? order by key limit ?`,
  )
  const listFrom = db.prepare(
    `select * from object where bucket = ? and key >= ? and key >= ? and key < ? order by key limit ?`,
  )
  const selectBucket = db.prepare('select name from bucket where name = ?')
  const insertBucket = db.prepare('insert into bucket (name, created) values (?, ?) on conflict do nothing')
  const selectConfiguration = db.prepare('select value from configuration where bucket = ? and name = ?')
  const upsertConfiguration = db.prepare(
    'insert into configuration (bucket, name, value) values (?, ?, ?) on conflict (bucket, name) do update set value = excluded.value',
  )
  const deleteConfiguration = db.prepare('delete from configuration where bucket = ? and name = ?')

  const get = (bucket: string, key: string) => toObject(selectObject.get(bucket, key) as Row | undefined)
  const removeBlob = (blob: string) => (blob === '' ? Promise.resolve() : rm(blobPath(blob), { force: true }))

  return {
    blobPath,
    get,
    hasBucket: (bucket) => selectBucket.get(bucket) !== undefined,
    createBucket: (bucket, now) => void insertBucket.run(bucket, now),

    async createBlob() {
      const blob = randomUUID()
      const folder = join(blobs, blob.slice(0, 2))
      const file = await open(blobPath(blob), 'wx')
      return blobWriter(file, blob, folder, () => removeBlob(blob))
    },

    async put(bucket, object, check) {
      // Synchronous from here to the commit: nothing comes between the check and the write.
      const current = get(bucket, object.key)
      check(current)
      const { key, blob, size, etag, checksum, headers, modified } = object
      const checksumJson = checksum ? JSON.stringify(checksum) : null
      upsertObject.run(bucket, key, blob, size, etag, checksumJson, JSON.stringify(headers), modified)
      if (current) await removeBlob(current.blob)
    },

    async delete(bucket, key) {
      const row = deleteObject.get(bucket, key) as { blob: string } | undefined
      if (row) await removeBlob(row.blob)
    },

    list(bucket, { prefix, after, inclusive, limit }) {
      const end = prefix + lastCharacter
      const rows = (inclusive ? listFrom : listObjects).all(
        bucket,
        after,
        prefix,
        end,
        limit,
      ) as unknown as Row[]
      return rows.map((row) => toObject(row) as StoredObject)
    },

    getConfiguration: (bucket, name) =>
      (selectConfiguration.get(bucket, name) as { value: string } | undefined)?.value,
    setConfiguration(bucket, name, value) {
      if (value === undefined) deleteConfiguration.run(bucket, name)
      else upsertConfiguration.run(bucket, name, value)
    },
    close: () => db.close(),
  }
}

/** Sorts after every key that goes on from a prefix. */
export const lastCharacter = '\u{10ffff}'

interface Row {
  key: string
  blob: string
  size: number
  etag: string
  checksum: string | null
  headers: string
  modified: number
}

function toObject(row: Row | undefined): StoredObject | undefined {
  if (!row) return undefined
  const { key, blob, size, etag, checksum, headers, modified } = row
  return {
    key,
    blob,
    size,
    etag,
    checksum: checksum === null ? undefined : JSON.parse(checksum),
    headers: JSON.parse(headers),
    modified,
  }
}

function lockAndMigrate(db: DatabaseSync, directory: string): void {
  try {
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full')
    db.exec(
      'begin immediate; create table if not exists bucket (name text primary key, created integer not null) strict',
    )
  } catch (cause) {
    db.close()
    throw new Error(
      `The folder ${directory} is in use by another process. Stop it, or choose another folder.`,
      { cause },
    )
  }
  db.exec(`
    create table if not exists object (
      bucket text not null references bucket (name),
      key text not null,
      blob text not null,
      size integer not null,
      etag text not null,
      checksum text,
      headers text not null,
      modified integer not null,
      primary key (bucket, key)
    ) strict, without rowid;
    create table if not exists configuration (
      bucket text not null references bucket (name),
      name text not null,
      value text not null,
      primary key (bucket, name)
    ) strict, without rowid;
    commit`)
}

function removeLeftovers(db: DatabaseSync, blobs: string): void {
  const named = new Set(
    (db.prepare('select blob from object').all() as { blob: string }[]).map((row) => row.blob),
  )
  for (const folder of readdirSync(blobs)) {
    for (const blob of readdirSync(join(blobs, folder))) {
      if (!named.has(blob)) rmSync(join(blobs, folder, blob))
    }
  }
}

function blobWriter(file: FileHandle, blob: string, folder: string, remove: () => Promise<void>): BlobWriter {
  return {
    blob,
    async write(data) {
      for (let at = 0; at < data.length; ) at += (await file.write(data, at)).bytesWritten
    },
    async finish() {
      await file.sync()
      await file.close()
      // The file's name lives in its folder: without this a power cut could lose the name of a synced file.
      const entry = await open(folder, 'r')
      await entry.sync().finally(() => entry.close())
    },
    async discard() {
      await file.close().catch(() => {})
      await remove()
    },
  }
}
