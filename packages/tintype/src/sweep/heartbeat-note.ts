import { hash } from 'node:crypto'
import type { Bucket } from '../bucket/bucket.ts'
import type { Heartbeat } from '../records/heartbeat-records.ts'

export type NoteBucket = Pick<Bucket, 'head' | 'read' | 'put' | 'heartbeatKey'>

/** What the bucket knows of a ledger: a small object of JSON beside the media, which outlives the database. */
export type HeartbeatNote = Pick<Heartbeat, 'at' | 'wholeSince'>

/** Bytes; a note has a hundred. */
const longest = 4096

/**
 * @returns undefined where there is none
 * @throws {TintypeError} `storage_unavailable`
 */
export async function readNote(bucket: NoteBucket, ledgerId: string): Promise<HeartbeatNote | undefined> {
  const key = bucket.heartbeatKey(ledgerId)
  if ((await bucket.head(key)) === undefined) return undefined
  const text = (await bucket.read(key, { range: { start: 0, end: longest } })).toString()
  try {
    const { at, wholeSince } = JSON.parse(text) as Record<string, string>
    const note = { at: Date.parse(at ?? ''), wholeSince: Date.parse(wholeSince ?? '') }
    return Number.isNaN(note.at + note.wholeSince) ? undefined : note
  } catch {
    return undefined
  }
}

/** @throws {TintypeError} `storage_unavailable` */
export async function writeNote(bucket: NoteBucket, { ledgerId, at, wholeSince }: Heartbeat): Promise<void> {
  const about = 'When the database of this bucket was last changed: tells one that was put back from a dump.'
  const note = { about, at: new Date(at).toISOString(), wholeSince: new Date(wholeSince).toISOString() }
  const bytes = Buffer.from(`${JSON.stringify(note)}\n`)
  const sha256 = hash('sha256', bytes, 'hex')
  await bucket.put(bucket.heartbeatKey(ledgerId), bytes, { type: 'application/json', sha256 })
}
