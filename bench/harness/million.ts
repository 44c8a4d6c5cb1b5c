import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { openRecords } from '../../packages/tintype/src/records/records.ts'

/** Makes a database with so many photos of one owner, a thumb each, a second apart, in a schema that is ours. */
export async function fillDatabase(path: string, rows: number, owner: string): Promise<void> {
  const records = await openRecords(path)
  await records.close()
  insertMedia(path, rows, owner)
}

/** The same into a schema that is there, an earlier one too. */
export function insertMedia(path: string, rows: number, owner: string): void {
  const db = new DatabaseSync(path)
  db.exec('pragma synchronous = off; begin')
  const photo = db.prepare(
    `insert into tintype_media (id, owner, key, kind, type, bytes, sha256, width, height, name, placeholder, created_at)
     values (?, ?, ?, 'image', 'image/jpeg', 4000000, ?, 4000, 3000, 'IMG_0001.jpg', ?, ?)`,
  )
  const variant = db.prepare(
    `insert into tintype_variant (media_id, name, key, type, bytes, width, height)
     values (?, 'thumb', ?, 'image/webp', 12000, 320, 240)`,
  )
  const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const placeholder = `data:image/webp;base64,${'A'.repeat(160)}`
  const firstDay = Date.UTC(2025, 0, 1)
  for (let row = 0; row < rows; row++) {
    const id = randomBytes(16).toString('base64url')
    photo.run(id, owner, `media/${id}/original.jpg`, sha256, placeholder, firstDay + row * 1000)
    variant.run(id, `media/${id}/thumb.webp`)
  }
  db.exec('commit; pragma wal_checkpoint(truncate)')
  db.close()
}
