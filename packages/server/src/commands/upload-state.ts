import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RememberedUpload, UploadMemory } from '@tintype/client'

/** Remembers sent and unfinished files, so that the same command goes on where it was stopped. */
export interface UploadState {
  memory: UploadMemory
  /** The media that this file became, if it was sent from here. */
  sent(file: SentFile): Promise<string | undefined>
  /** Never throws: in the worst case the file is sent again. */
  markSent(file: SentFile, media: string): Promise<void>
}

export interface SentFile {
  endpoint: string
  path: string
  size: number
  modified: number
}

/** Older files are removed. Milliseconds. */
const keptFor = 30 * 24 * 3600 * 1000

/**
 * One small file per upload in a folder, so that several commands can run at once; each is replaced whole. They hold
 * no secret: no token, no signed URL.
 */
export async function openUploadState(folder: string, now: () => number): Promise<UploadState> {
  const [unfinished, finished] = [join(folder, 'unfinished'), join(folder, 'sent')]
  for (const each of [unfinished, finished]) {
    await mkdir(each, { recursive: true, mode: 0o700 })
    await removeOld(each, now() - keptFor)
  }
  return {
    memory: {
      async list() {
        const names = await readdir(unfinished)
        const all = await Promise.all(names.map((name) => read<RememberedUpload>(join(unfinished, name))))
        return all.filter((one) => one !== undefined)
      },
      get: (key) => read(join(unfinished, nameOf(key))),
      set: (upload) => write(join(unfinished, nameOf(upload.key)), upload),
      delete: (key) => rm(join(unfinished, nameOf(key)), { force: true }),
    },
    sent: async (file) => (await read<{ media: string }>(join(finished, nameOf(keyOf(file)))))?.media,
    markSent: (file, media) => write(join(finished, nameOf(keyOf(file))), { ...file, media }).catch(() => {}),
  }
}

const keyOf = ({ endpoint, path, size, modified }: SentFile) =>
  JSON.stringify([endpoint, path, size, modified])

/** The same for the same file at the same server: a form whose answer was lost is not stored twice. */
export const idempotencyKeyOf = (file: SentFile) =>
  createHash('sha256').update(keyOf(file)).digest('hex').slice(0, 32)

const nameOf = (key: string) => `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`

async function read<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    // Missing, or truncated by a crash: nothing is known.
    return undefined
  }
}

async function write(path: string, value: unknown): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  await writeFile(fresh, JSON.stringify(value), { mode: 0o600 })
  await rename(fresh, path)
}

async function removeOld(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const about = await stat(path).catch(() => undefined)
    if (about && about.mtimeMs < before) await rm(path, { force: true })
  }
}
