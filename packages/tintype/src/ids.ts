import { randomBytes } from 'node:crypto'

/** 128 random bits as base64url: 22 characters that nobody can guess. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** Whether the text has the form of an id of ours. Spares the database what can't be there. */
export function isId(text: string): boolean {
  return /^[\w-]{21}[AQgw]$/.test(text)
}
