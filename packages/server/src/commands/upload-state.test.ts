import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openUploadState } from './upload-state.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tintype-state-'))
})
after(() => rm(folder, { recursive: true }))

const remembered = (key: string) => ({
  ...{ key, endpoint: 'http://localhost/api', session: 's', name: 'clip.mp4', size: 3, type: '' },
  ...{ lastModified: 1, edges: 'e', expiresAt: 2, path: '/photos/clip.mp4' },
})

test('what is unfinished outlives the process, and can be forgotten', async () => {
  const first = await openUploadState(folder, Date.now)
  await first.memory.set(remembered('a'))
  await first.memory.set({ ...remembered('b'), paused: true })
  const { memory } = await openUploadState(folder, Date.now)
  assert.deepEqual((await memory.list()).map(({ key }) => key).sort(), ['a', 'b'])
  assert.equal((await memory.get('b'))?.paused, true)
  await memory.delete('a')
  assert.equal(await memory.get('a'), undefined)
  await memory.delete('a')
})

test('a file that is changed counts as not sent', async () => {
  const { sent, markSent } = await openUploadState(folder, Date.now)
  const file = { endpoint: 'http://localhost/api', path: '/photos/a.jpg', size: 3, modified: 1 }
  await markSent(file, 'media')
  assert.equal(await sent(file), 'media')
  assert.equal(await sent({ ...file, modified: 2 }), undefined)
  assert.equal(await sent({ ...file, endpoint: 'http://other/api' }), undefined)
})

test('half-written files count as nothing, old ones go', async () => {
  const unfinished = join(folder, 'unfinished')
  for (const name of await readdir(unfinished)) await rm(join(unfinished, name))
  await writeFile(join(unfinished, 'torn.json'), '{"key":')
  await writeFile(join(unfinished, 'old.json'), JSON.stringify(remembered('old')))
  await utimes(join(unfinished, 'old.json'), 0, 0)
  const { memory } = await openUploadState(folder, Date.now)
  assert.deepEqual(await memory.list(), [])
  assert.deepEqual(await readdir(unfinished), ['torn.json'])
})
