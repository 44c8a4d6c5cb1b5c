import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { thisMachinesOwner } from '../../packages/tintype/src/http/this-machine.ts'
import { openRecords } from '../../packages/tintype/src/records/records.ts'
import { numbers } from './scenes.ts'

/**
 * Rows of photos of ten years, of the shapes that phones make, `IMG_0.jpg` the last; without any objects: pages are to be given
 * pictures by the test.
 *
 * @param path of the SQLite database of a server that does not run
 * @param bytes of each. @default 4000000
 */
export async function fillLibrary(path: string, photos: number, bytes = 4_000_000): Promise<void> {
  await (await openRecords(path)).close()
  const db = new DatabaseSync(path)
  db.exec('pragma synchronous = off; begin')
  const insert = db.prepare(
    `insert into tintype_media (id, owner, key, kind, type, bytes, sha256, width, height, name, placeholder, created_at, taken_order)
     values (?, ?, ?, 'image', 'image/jpeg', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const next = numbers(7)
  const placeholder = `data:image/webp;base64,${'A'.repeat(160)}`
  let time = Date.now()
  for (let n = 0; n < photos; n++) {
    // Several in a minute, then nothing for days.
    time -= next() < 0.03 ? (2 * 87_600 * 3_600_000 * next()) / (photos * 0.03) : 40_000 * next()
    const [width, height] = next() < 0.3 ? [3000, 4000] : [4000, 3000]
    const id = randomBytes(16).toString('base64url')
    const at = Math.round(time)
    insert.run(
      id,
      thisMachinesOwner,
      `media/${id}/original.jpg`,
      bytes,
      id,
      width,
      height,
      `IMG_${n}.jpg`,
      placeholder,
      at,
      at,
    )
  }
  db.exec('commit; pragma wal_checkpoint(truncate)')
  db.close()
}
