import { randomFillSync } from 'node:crypto'

const idBytes = 16
/** Asking the system once for many ids costs a tenth of asking for each. */
const pool = Buffer.alloc(idBytes * 256)
let used = pool.length

/** 128 random bits as base64url: 22 characters that nobody can guess. */
export function randomId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += idBytes
  return pool.toString('base64url', used - idBytes, used)
}

/** Whether the text has the form of an id of ours. Spares the database what can't be there. */
export function isId(text: string): boolean {
  return /^[\w-]{21}[AQgw]$/.test(text)
}
