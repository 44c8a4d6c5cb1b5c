/** Variants that the configuration has changed are made anew, by the app and by `tintype variants`. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { run } from '../../packages/server/src/commands/variants-command.ts'
import { createTintype, type TintypeOptions } from '../../packages/tintype/src/index.ts'
import { coloured } from '../media/colours.ts'
import { photo } from '../media/photos.ts'
import { until } from '../support/until.ts'

const owner = 'ann'
const log = { info() {}, warn() {}, error() {} }

describe('variants that were made by another configuration', () => {
  let directory: string
  const ids: string[] = []
  const open = (variants?: TintypeOptions['variants']) =>
    createTintype({ authenticate: () => owner, directory, log, variants })

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-rebuild-'))
    const tintype = await open({ thumb: { width: 320 }, old: { width: 100 } })
    for (let seed = 1; seed <= 3; seed++) {
      const { id } = await tintype.media.create(await photo({ width: 900, height: 600, seed }), { owner })
      ids.push(id)
      await until(async () => (await tintype.media.get(id))?.urls.old)
    }
    await tintype.close()
  })
  after(() => rm(directory, { recursive: true }))

  test('are made anew or removed; a second run finds nothing to do', async (t) => {
    const tintype = await open({
      thumb: { width: 200 },
      view: { width: 700 },
      big: { width: 900, eager: false },
    })
    t.after(() => tintype.close())
    const count = { photos: 3, allPhotos: 3, outdated: 6 }
    assert.deepEqual(await tintype.rebuildVariants({ dryRun: true }), { ...count, made: 0, removed: 3 })
    const [id = ''] = ids
    assert.deepEqual(Object.keys((await tintype.media.get(id))?.urls ?? {}).sort(), [
      'old',
      'original',
      'thumb',
    ])

    const seen: number[] = []
    const done = await tintype.rebuildVariants({ onProgress: ({ photos }) => seen.push(photos) })
    assert.deepEqual(done, { ...count, made: 6, removed: 3 })
    assert.deepEqual(seen, [3])
    for (const { urls } of (await tintype.media.list({ owner })).media)
      assert.deepEqual(Object.keys(urls).sort(), ['original', 'thumb', 'view'])
    const again = await tintype.rebuildVariants()
    assert.deepEqual([again.outdated, again.made, again.removed], [0, 0, 0])
  })

  test('videos of before there were posters get one, and what else is made of it', async (t) => {
    const specs = { thumb: { width: 200 }, view: { width: 700 } }
    const first = await open(specs)
    const { id, urls } = await first.media.create(coloured('hevc.mov'), { owner })
    assert.ok(urls.poster)
    await until(async () => (await first.media.get(id))?.urls.view)
    await first.close()
    const db = new DatabaseSync(join(directory, 'tintype.db'))
    db.prepare('delete from tintype_variant where media_id = ?').run(id)
    db.close()

    const tintype = await open(specs)
    t.after(() => tintype.close())
    assert.deepEqual(Object.keys((await tintype.media.get(id))?.urls ?? {}), ['original'])
    await tintype.rebuildVariants()
    const made = Object.keys((await tintype.media.get(id))?.urls ?? {}).sort()
    assert.deepEqual(made, ['original', 'poster', 'thumb', 'view'])
    assert.equal((await tintype.rebuildVariants()).outdated, 0)
    await tintype.media.remove(id)
  })

  test('the command does it by VARIANTS, and says what it has done', { timeout: 300_000 }, async (t) => {
    const said: string[] = []
    t.mock.method(console, 'log', (line: string) => said.push(line))
    const before = { ...process.env }
    t.after(() => {
      process.env = before
    })
    Object.assign(process.env, { TINTYPE_DATA: directory, VARIANTS: 'thumb:200 tile:90x90/cover/jpeg' })
    assert.equal(await run(['--rebuild', '--dry-run']), 0)
    assert.equal(await run(['--rebuild', '--json']), 0)
    assert.equal(said[0], '3 variants of 3 photos and videos would be made, 3 removed.')
    const { made, removed, failures } = JSON.parse(said[1] ?? '')
    assert.deepEqual([made, removed, failures], [3, 3, 0])
    await assert.rejects(run([]), /--rebuild/)
  })
})
