import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile, syncFolder } from './env-file.ts'

/** A key is being made; see access-key.ts. Holds ids, no secret. */
export interface Pending {
  user: string
  /** Ids of the keys that the user had. */
  before: string[]
  /** When that was, in milliseconds since the epoch. */
  at: number
  /** The key that is to go once the new one is written. */
  replaces?: string
}

export async function readPending(file: string, user: string): Promise<Pending | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(file, user), 'utf8')) as Pending
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export async function writePending(file: string, pending: Pending): Promise<void> {
  await replaceFile(pathOf(file, pending.user), `${JSON.stringify(pending)}\n`)
}

export async function forgetPending(file: string, user: string): Promise<void> {
  await rm(pathOf(file, user), { force: true })
  await syncFolder(dirname(file))
}

function pathOf(file: string, user: string): string {
  return `${file}.${user}.pending`
}
