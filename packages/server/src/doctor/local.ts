import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { type Finding, failed, ok, skipped, warned } from 'tintype/internal/bucket/finding'
import { redact } from 'tintype/internal/log'
import { isTooOld, oldestNode } from 'tintype/internal/node-floor'
import { probeDatabase } from 'tintype/internal/records/probe'
import type { Isolation } from 'tintype/internal/workers/isolation'
import type { Config } from '../config.ts'

/** Free bytes below which uploads into the embedded S3 will soon fail. */
const scarce = 1024 ** 3

/** @param version of Node, e.g. `24.21.0` */
export function nodeVersion(version: string): Finding {
  const what = `Node ${version}`
  return isTooOld(version) ? failed(what, `older than ${oldestNode}`, 'Install Node 24.') : ok(what)
}

/** How far the processes that read uploaded files are isolated: docs/isolation.md. */
export function childIsolation({ descriptors, readOnly, privileges }: Isolation, platform: string): Finding {
  const what = 'isolation of child processes'
  if (platform !== 'linux') return skipped(what, 'only Linux can keep them from files and network')
  if (!descriptors || !privileges) {
    return warned(
      what,
      'a file that takes one over could open files and sockets',
      'Install util-linux, which has prlimit, unshare and setpriv.',
    )
  }
  return ok(what, readOnly ? undefined : 'without namespaces, which this machine refuses')
}

/** Whether the data folder can be written, and its free space. */
export async function dataFolder({ directory, bucket, database }: Config): Promise<Finding | undefined> {
  if (bucket !== undefined && database !== undefined) return undefined
  const what = `data folder ${resolve(directory)}`
  // A missing folder is not created: its parent has to be writable.
  const folder = existing(resolve(directory))
  try {
    const probe = join(folder, `.tintype-${randomUUID()}`)
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return failed(what, code, 'Let the user that runs the server write there, or set TINTYPE_DATA.')
  }
  const { free, detail } = await room(folder)
  if (free >= scarce) return ok(what, detail)
  return warned(what, detail, 'Make room: uploads and the database fail when the disk is full.')
}

/** A warning when the disk is nearly full, else undefined. */
export async function scarceDisk({ directory, bucket, database }: Config): Promise<Finding | undefined> {
  if (bucket !== undefined && database !== undefined) return undefined
  const { free, detail } = await room(existing(resolve(directory)))
  if (free >= scarce) return undefined
  return warned(
    `data folder ${resolve(directory)}`,
    detail,
    'Make room: uploads and the database fail when the disk is full.',
  )
}

export async function databaseAnswers({ database, directory }: Config): Promise<Finding> {
  const url = database ?? join(directory, 'tintype.db')
  const what = `database ${redact(url)}`
  try {
    const found = await probeDatabase(url)
    return ok(what, found ?? 'not there yet, the first start makes it')
  } catch (error) {
    const detail = redact(
      error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error),
    )
    return failed(
      what,
      detail,
      'Look at DATABASE_URL, at the password in it, and whether the database runs and lets this machine in.',
    )
  }
}

export async function portIsFree({ port, host }: Config): Promise<Finding> {
  const what = `port ${port} on ${host}`
  const taken = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
  if (taken === undefined) return ok(what, 'free')
  if (taken === 'EADDRINUSE') {
    if (await isTintype(port)) return ok(what, 'tintype is running there')
    return failed(what, 'another program has it', 'Stop it, or set PORT.')
  }
  return failed(
    what,
    taken,
    taken === 'EACCES' ? 'Ports below 1024 need rights: set PORT.' : 'Look at HOST and PORT.',
  )
}

/** Whether a Tintype server listens there. */
export async function isTintype(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) })
    return 'status' in ((await answer.json()) as object)
  } catch {
    return false
  }
}

async function room(folder: string): Promise<{ free: number; detail: string }> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  return { free, detail: `${(free / 1024 ** 3).toFixed(1)} GiB free` }
}

function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}
