import assert from 'node:assert/strict'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../../../test/media/photos.ts'
import { createTintype } from './tintype.ts'

const authenticate = () => 'me'
const skip = process.platform === 'linux' ? false : 'open files are counted by /proc, which Linux has'

test('a start that fails midway leaves no database open', { skip }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ authenticate, directory, log })
  try {
    const before = await openBelow(directory)
    // The folder is taken, which is found when the database is open already.
    await assert.rejects(createTintype({ authenticate, directory, log }), { code: 'storage_unavailable' })
    assert.deepEqual(await openBelow(directory), before)
  } finally {
    await tintype.close()
    assert.deepEqual(await openBelow(directory), [])
    await rm(directory, { recursive: true })
  }
})

test('a client that is not signed in has no say in where view URLs lead', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ authenticate: () => null, directory, log })
  try {
    for (const path of ['//evil.example/media', '/elsewhere/media', '/nothing']) {
      const url = `http://app.example${path}`
      assert.ok((await tintype.fetch(new Request(url))).status >= 400, path)
      await tintype.fetch(new Request(url, { method: 'OPTIONS' }))
    }
    const body = new FormData()
    body.append('file', new Blob([Uint8Array.from(await photo())]), 'a.jpg')
    const sent = new Request('http://app.example/photos/media', { method: 'POST', body })
    const { media } = (await (await tintype.fetch(sent, { owner: 'me' })).json()) as MediaPage
    const url = await tintype.media.url(media[0]?.id as string, 'original')
    assert.match(url, /^\/photos\/s3\//)
  } finally {
    await tintype.close()
    await rm(directory, { recursive: true })
  }
})

async function openBelow(directory: string): Promise<string[]> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  // One for each connection; SQLite keeps the database's own file open for as long as any connection has a lock.
  return targets.filter((target) => target.startsWith(directory) && target.endsWith('-wal')).toSorted()
}
