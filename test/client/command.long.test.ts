import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { assertOnce, startStorage, type TestStorage } from '../browser/storage.ts'
import { sha256Of, writeVideo } from '../browser/video.ts'
import { photo } from '../media/photos.ts'
import { command, type ServerProcess, startProcess } from '../support/process.ts'

const token = 'correct-horse-battery-staple'
let directory: string
let storage: TestStorage
let server: ServerProcess
/** Of each test, with nothing in it. */
let folder: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tintype-command-'))
  storage = await startStorage()
  server = await startProcess({
    TINTYPE_DATA: join(directory, 'data'),
    TINTYPE_TOKEN: token,
    ...storage.env,
  })
})
beforeEach(async () => {
  folder = await mkdtemp(join(directory, 'files-'))
  storage.seen.length = 0
})
after(async () => {
  await server?.kill()
  await storage?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

/** `tintype upload` as a process of its own. */
function run(...args: string[]) {
  const child = spawn(process.execPath, [command, 'upload', ...args], {
    cwd: folder,
    env: { XDG_STATE_HOME: join(folder, '.state'), TINTYPE_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]).then(
    ([[code], out, err]) => ({ code: code as number | null, out, err }),
  )
  return { child, ended }
}

const listed = async () => {
  const answer = await fetch(`${server.url}/api/media`, { headers: { Authorization: `Bearer ${token}` } })
  return ((await answer.json()) as { media: Media[] }).media
}
const find = async (name: string) => (await listed()).filter((media) => media.name === name)

test('sends files and folders, says what failed and why, and leaves out what is there already', async () => {
  await mkdir(join(folder, 'album/deep'), { recursive: true })
  await writeFile(join(folder, 'album/one.jpg'), await photo({ seed: 11 }))
  await writeFile(join(folder, 'album/deep/two.png'), await photo({ seed: 12, type: 'image/png' }))
  await writeFile(join(folder, 'album/notes.txt'), 'only words')
  await writeFile(join(folder, 'broken.png'), 'only words')
  const first = await run('album', 'broken.png', '--to', server.url).ended
  assert.equal(first.code, 1)
  assert.match(first.out, /^sent {4}album\/one\.jpg/m)
  assert.match(first.out, /^sent {4}album\/deep\/two\.png/m)
  assert.match(first.out, /2 sent, 1 failed\./)
  assert.match(first.err, /broken\.png: .*text/)

  const second = await run('album', '--to', server.url).ended
  assert.deepEqual([second.code, second.err], [0, ''])
  assert.match(second.out, /0 sent, 2 there already\./)

  const [one] = await find('one.jpg')
  const headers = { Authorization: `Bearer ${token}` }
  await fetch(`${server.url}/api/media/${one?.id}`, { method: 'DELETE', headers })
  const third = await run('album', '--to', server.url).ended
  assert.match(third.out, /1 sent, 1 there already\./)
  assert.equal((await find('one.jpg')).length, 1)
})

test('after Ctrl-C the same command goes on, and no part that had arrived is sent again', async () => {
  const path = join(folder, 'long.mp4')
  await writeVideo(path, 48 * 1024 ** 2)
  const held = storage.holdAfter(3)
  const { child, ended } = run('long.mp4', '--to', server.url)
  await held
  child.kill('SIGINT')
  const stopped = await ended
  assert.equal(stopped.code, 130)
  assert.match(stopped.out, /1 left\.\nStopped\. The same command goes on/)
  storage.release()

  const { code, out } = await run('long.mp4', '--to', server.url).ended
  assert.equal(code, 0)
  assert.match(out, /^goes on long\.mp4\nsent {4}long\.mp4 \(50\.3 MB\)/m)
  assertOnce(storage.seen)
  const [media] = await find('long.mp4')
  assert.equal(media?.sha256, await sha256Of(path))
})

test('so it does after kill -9; a file that was changed meanwhile begins anew', async () => {
  const path = join(folder, 'changed.mp4')
  await writeVideo(path, 40 * 1024 ** 2)
  const held = storage.holdAfter(2)
  const { child, ended } = run('changed.mp4', '--to', server.url)
  await held
  child.kill('SIGKILL')
  await ended
  storage.release()
  await writeVideo(path, 41 * 1024 ** 2, 2)

  const { code, out } = await run('changed.mp4', '--to', server.url).ended
  assert.equal(code, 0)
  assert.match(out, /^changed changed\.mp4: from the start/m)
  const [media] = await find('changed.mp4')
  assert.equal(media?.sha256, await sha256Of(path))
  assert.equal(new Set(storage.seen.map(({ upload }) => upload)).size, 2)
})

test('a wrong token or address is told once, before anything is sent', async () => {
  await writeFile(join(folder, 'token'), 'a-token-of-somebody-else')
  await writeFile(join(folder, 'one.jpg'), await photo())
  const wrong = await run('.', '--to', server.url, '--token-file', 'token').ended
  assert.equal(wrong.code, 1)
  assert.match(wrong.err, /does not know this token: set TINTYPE_TOKEN, or give --token-file\.\n$/)
  const elsewhere = await run('.', '--to', `${server.url}/elsewhere`).ended
  assert.equal(elsewhere.code, 1)
  assert.match(elsewhere.err, /^There is no Tintype at /)
  const nobody = await run('.', '--to', 'http://127.0.0.1:1').ended
  assert.equal(nobody.code, 1)
  assert.match(nobody.err, /can't be reached: .+/)
})

test('what can’t be understood is exit code 2, with the usage', async () => {
  for (const args of [[], ['a.jpg'], ['a.jpg', '--to', 'ftp://x'], ['nothing.jpg', '--to', server.url]]) {
    const { code, err } = await run(...args).ended
    assert.equal(code, 2, err)
  }
})
