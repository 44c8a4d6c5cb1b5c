/** Variants that are made after an upload has answered, and on demand: by a real app with its own S3. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { coloured, withoutPictures } from '../media/colours.ts'
import { photo } from '../media/photos.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'
import { until } from '../support/until.ts'

const owner = 'ann'
const variants = {
  thumb: { width: 320 },
  view: { width: 600 },
  tile: { width: 100, height: 100, fit: 'cover', format: 'jpeg' },
  print: { width: 900, format: 'avif', eager: false },
} as const

describe('variants', () => {
  let app: StorageApp
  before(async () => {
    app = await startStorageApp({ variants })
  })
  after(() => app.stop())
  // Signed URLs are dated by the clock that the tests move: those that load something come first.
  afterEach(async () => {
    for (const name of ['before', 'after', 'pick'] as const) delete app.proxy.faults[name]
    await app.tintype.media.removeAll({ owner })
  })

  /** What is in the bucket when the sweeper has had its time. */
  async function keys(): Promise<string[]> {
    app.clock.advance(600_000)
    return app.keys()
  }
  const names = async (id: string) => Object.keys((await app.tintype.media.get(id))?.urls ?? {})
  const allMade = (id: string) =>
    until(
      () => names(id),
      (seen) => seen.length === 4,
    )
  const create = async (options: Parameters<typeof photo>[0] = { width: 1200, height: 800 }) =>
    app.tintype.media.create(await photo(options), { owner })
  const load = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())
  const view = (id: string, name: string) => fetch(`${app.url}/api/media/${id}/${name}`)
  const made = (id: string) => app.log.filter((line) => line.includes('variants.made') && line.includes(id))
  function jobs(): Record<string, unknown>[] {
    const db = new DatabaseSync(app.database, { readOnly: true })
    const rows = db.prepare('select * from tintype_variant_job').all()
    db.close()
    return rows as Record<string, unknown>[]
  }

  test('those of a video are made of its poster, and what is asked for, too', async () => {
    const media = await app.tintype.media.create(coloured('hevc.mov'), { owner })
    assert.deepEqual(Object.keys(media.urls), ['original', 'poster', 'thumb'])
    await until(
      () => names(media.id),
      (seen) => seen.length === 5,
    )
    const { urls } = (await app.tintype.media.get(media.id)) as typeof media
    const { format, width, height } = await sharp(await load(urls.tile ?? '')).metadata()
    assert.deepEqual([format, width, height], ['jpeg', 96, 64])
    assert.equal((await view(media.id, 'print')).status, 200)
  })

  test('those of a video without a poster are absent: asking for them plans nothing', async () => {
    const { id } = await app.tintype.media.create(withoutPictures(coloured('bt709.mp4')), { owner })
    assert.deepEqual(await names(id), ['original'])
    for (const name of ['thumb', 'view', 'print', 'poster', 'image?w=640'])
      assert.equal((await view(id, name)).status, 404, name)
    await assert.rejects(app.tintype.media.url(id, 'print'), { code: 'not_found' })
    assert.deepEqual(jobs(), [])
  })

  test('eager ones are there soon after the upload: upright, without metadata, of their format and size', async () => {
    const media = await create({ width: 1200, height: 800, orientation: 6, gps: true })
    assert.deepEqual(Object.keys(media.urls), ['original', 'thumb'])
    await allMade(media.id)
    const { urls } = (await app.tintype.media.get(media.id)) as typeof media
    const about = async (name: string) => {
      const { format, width, height, exif, icc, orientation } = await sharp(
        await load(urls[name] ?? ''),
      ).metadata()
      return [format, width, height, exif, icc, orientation]
    }
    const nothing = [undefined, undefined, undefined]
    assert.deepEqual(await about('view'), ['webp', 400, 600, ...nothing])
    assert.deepEqual(await about('tile'), ['jpeg', 100, 100, ...nothing])
    assert.equal(urls.print, undefined)
    assert.deepEqual(jobs(), [])
  })

  test('a picture that is small already is not enlarged', async () => {
    const { id } = await create({ width: 90, height: 45 })
    await allMade(id)
    const { urls } = (await app.tintype.media.get(id)) as { urls: Record<string, string> }
    for (const name of ['thumb', 'view', 'tile']) {
      const { width, height } = await sharp(await load(urls[name] ?? '')).metadata()
      assert.deepEqual([width, height], [90, 45], name)
    }
  })

  test('one that is asked for is made then, once for a hundred requests at two processes', async () => {
    const { id } = await create()
    await allMade(id)
    const asked = Array.from({ length: 100 }, (_, index) =>
      fetch(`${index % 2 === 0 ? app.url : app.otherUrl}/api/media/${id}/print`),
    )
    let waiting = true
    const answers = Promise.all(asked).finally(() => {
      waiting = false
    })
    // The one that does not make it looks again from time to time.
    await until(() => {
      app.clock.advance(20)
      return !waiting
    })
    for (const answer of await answers) {
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('content-type'), 'image/avif')
    }
    assert.equal(made(id).filter((line) => line.includes('print')).length, 1)
    assert.equal((await app.keys()).filter((key) => key.includes('print')).length, 1)
    assert.equal((await view(id, 'other')).status, 404)
  })

  test('a photo that is replaced gets new ones, and none of the old are left', async () => {
    const { id } = await create()
    await allMade(id)
    const before = await app.keys()
    assert.equal(before.length, 4)
    const { urls } = await app.tintype.media.replace(id, await photo({ width: 800, height: 800 }), { owner })
    assert.equal(urls.view, undefined)
    await allMade(id)
    const after = await until(keys, (seen) => seen.length === 4)
    assert.deepEqual(
      after.filter((key) => before.includes(key)),
      [],
    )
  })

  test('eager ones are made of the pixels that the upload was checked by: nothing is read again', async () => {
    const reads: string[] = []
    app.proxy.faults.before = (req) => {
      if (req.method === 'GET') reads.push(req.url ?? '')
      return false
    }
    const { id } = await create()
    await allMade(id)
    await app.tintype.media.replace(id, await photo({ width: 800, height: 900 }), { owner })
    await allMade(id)
    assert.deepEqual(reads, [])
    await until(keys, (seen) => seen.length === 4)
  })

  test('a small size of a HEIC that somebody waits for is made of a variant: its original is not read', async () => {
    const heic = await readFile(new URL('../media/files/tile-512.heic', import.meta.url))
    const { id } = await app.tintype.media.create(heic, { owner })
    await allMade(id)
    const reads: string[] = []
    app.proxy.faults.before = (req) => {
      if (req.method === 'GET') reads.push(req.url ?? '')
      return false
    }
    const { status } = await fetch(`${app.url}/api/media/${id}/image?w=160&format=webp`, {
      redirect: 'manual',
    })
    assert.deepEqual([status, reads.length], [302, 1])
    assert.match(reads[0] ?? '', /\/thumb\.webp/)
  })

  test('what is removed while it is being made leaves nothing behind', async () => {
    const begun = Promise.withResolvers<void>()
    const removed = Promise.withResolvers<void>()
    app.proxy.faults.before = (req) => {
      if (req.method === 'PUT' && req.url?.includes('/view.webp')) begun.resolve()
      return false
    }
    app.proxy.faults.after = async (req) => {
      if (req.method === 'PUT' && req.url?.includes('/view.webp')) await removed.promise
    }
    const { id } = await create()
    await begun.promise
    await app.tintype.media.remove(id)
    removed.resolve()
    await until(keys, (seen) => seen.length === 0)
    assert.deepEqual(jobs(), [])
    assert.deepEqual(made(id), [])
  })

  test('a write that fails, or whose outcome is unknown, is tried again under another key', async () => {
    const faults = ['slow down', 'reset after', 'late'] as const
    let count = 0
    app.proxy.faults.pick = (req) =>
      req.method === 'PUT' && req.url?.includes('/view.webp') ? faults[count++] : undefined
    const { id } = await create()
    await until(
      async () => {
        app.clock.advance(1000)
        return names(id)
      },
      (seen) => seen.length === 4,
    )
    await app.proxy.idle()
    await until(keys, (seen) => seen.length === 4)
    assert.ok(count > faults.length)
  })

  test('a process that dies leaves what it was making to another one', async () => {
    const { id } = await create()
    await allMade(id)
    const db = new DatabaseSync(app.database)
    const now = app.clock.now()
    db.prepare(
      `insert into tintype_variant_job (media_id, name, recipe, created_at, due_at, attempts) values (?, 'print', 'avif 900x900 inside q55', ?, ?, 0)`,
    ).run(id, now, now + 120_000)
    db.close()
    app.clock.advance(60_000)
    assert.equal((await names(id)).length, 4)
    app.clock.advance(61_000)
    await until(
      () => names(id),
      (seen) => seen.length === 5,
    )
  })

  test('what can not be made is given up, with its reason in the metrics', async () => {
    // Its original is replaced behind our back by one that breaks off.
    const { id } = await create()
    await allMade(id)
    const key = (await app.keys()).find((one) => one.includes('original')) ?? ''
    assert.ok(key)
    app.proxy.faults.before = (req, res) => {
      if (req.method !== 'GET' || !req.url?.includes(key.split('/').at(-2) ?? '')) return false
      const bytes = Buffer.alloc(Number(/-(\d+)$/.exec(req.headers.range ?? '')?.[1]) + 1)
      res.writeHead(206, { etag: '"x"', 'content-length': bytes.length }).end(bytes)
      return true
    }
    assert.equal((await view(id, 'print')).status, 415)
    await until(() => {
      app.clock.advance(1000)
      return jobs()[0]?.failed_at
    })
    assert.equal((await view(id, 'print')).status, 415)
    const [job] = jobs()
    assert.deepEqual([job?.attempts, job?.code], [3, 'unsupported_type'])
    assert.match(await app.tintype.metrics(), /tintype_variants_failed\{name="print",code="\w+"\} 1/)
  })
})
