import { randomFillSync } from 'node:crypto'

/** Randomness is fetched for many ids at a time: one by one, it costs ten times as much. */
const pool = Buffer.alloc(16 * 256)
let used = pool.length

/** 128 random bits as base64url: 22 characters that can't be guessed. */
export function randomId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.toString('base64url', used - 16, used)
}

/** Whether the text has the form of an id. Spares the database queries for what can't exist. */
export function isId(text: string): boolean {
  return /^[\w-]{21}[AQgw]$/.test(text)
}
