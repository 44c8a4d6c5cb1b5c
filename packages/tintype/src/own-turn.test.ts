import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTintype } from './tintype.ts'

test('lists that are asked for at once are made in a turn of the event loop each, so that others have theirs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const log = { info() {}, warn() {}, error() {} }
  const tintype = await createTintype({ directory, authenticate: () => 'o', log })
  let turn = 0
  const count = () => {
    turn++
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  try {
    const turns = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { status } = await tintype.fetch(new Request('http://localhost/api/media?limit=1000'))
        assert.equal(status, 200)
        return turn
      }),
    )
    assert.equal(new Set(turns).size, 10)
  } finally {
    clearImmediate(counting)
    await tintype.close()
    await rm(directory, { recursive: true })
  }
})
