import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { published } from '../../../test/support/published.ts'
import { createTestClock } from './clock.ts'
import { openRecords } from './records/records.ts'
import { createTintype } from './tintype.ts'

test("a removal in the app's transaction is logged when it is committed, and not when it is rolled back", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const clock = createTestClock(Date.now())
  const removed: unknown[] = []
  const logged = Promise.withResolvers<void>()
  const info = (event: string, { id }: Record<string, unknown> = {}) => {
    if (event !== 'media.removed') return
    removed.push(id)
    logged.resolve()
  }
  const log = { info, warn() {}, error() {} }
  const tintype = await createTintype({ directory, authenticate: () => 'o', clock, log })
  const records = await openRecords(join(directory, 'tintype.db'))
  const app = new DatabaseSync(join(directory, 'tintype.db'), { timeout: 5000 })
  try {
    const [stays, goes] = [await published(records), await published(records)]
    for (const [id, end] of [
      [stays, 'rollback'],
      [goes, 'commit'],
    ] as const) {
      app.exec('begin immediate')
      assert.deepEqual(await tintype.media.remove(id, { trx: app }), { gone: false })
      app.exec(end)
    }
    assert.deepEqual(removed, [])
    clock.advance(1000)
    await logged.promise
    assert.deepEqual(removed, [goes])
    assert.ok(await tintype.media.get(stays))
  } finally {
    app.close()
    await records.close()
    await tintype.close()
    await rm(directory, { recursive: true })
  }
})

test('what is missing or of another kind in a call is said in a sentence', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-'))
  const log = { info() {}, warn() {}, error() {} }
  const { media, close } = await createTintype({ directory, authenticate: () => 'o', log })
  const given = <T>(value: unknown) => value as T
  try {
    await assert.rejects(media.claim('x', given(undefined)), /^TintypeError: by has 1 to 255 characters/)
    for (const call of [
      media.claim('x', given(null)),
      media.url('x', 'thumb', given(null)),
      media.remove('x', given('me')),
      media.get('x', given('me')),
    ]) {
      await assert.rejects(call, /^TypeError: The last argument is .*; it has to be an object, such as/)
    }
  } finally {
    await close()
    await rm(directory, { recursive: true })
  }
})
