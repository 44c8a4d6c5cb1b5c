import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LibraryEvent, Media } from '@tintype/client/library'
import type { Timeline } from '@tintype/protocol'
import { pageOfMedia } from './outline.ts'
import { createPhotoStore } from './store.ts'

/** A server with so many photos, of which it lists 30 a page, and what it says by its stream. */
function startSource(count: number) {
  const media = Array.from(
    { length: count },
    (_, n) =>
      ({
        ...{ id: `${n}`, kind: 'image', width: 300, height: 200 },
        createdAt: new Date(Date.UTC(2024, 0, 1) - n * 60_000).toISOString(),
      }) as Media,
  )
  let tell: (event: LibraryEvent) => void = () => {}
  let timelines = 0
  const pageFrom = (at: number) => media.slice(at, at + 30)
  const store = createPhotoStore({
    async list({ cursor, limit }) {
      const from = Number(cursor ?? 0)
      const next = from + limit < media.length ? `${from + limit}` : null
      return { media: media.slice(from, from + limit), next }
    },
    async timeline() {
      timelines++
      const pages: Timeline['pages'] = []
      for (let at = 0; at < media.length; at += 30) {
        const { from, days, ratios } = pageOfMedia(null, pageFrom(at))
        const named = days.map(([date, count]) => ({ date, count }))
        pages.push({ cursor: at === 0 ? null : `${at}`, from, days: named, ratios: [...ratios] })
      }
      return { total: media.length, pages }
    },
    get: async (id) => media[Number(id)] as Media,
    live(listener) {
      tell = listener
      return () => {}
    },
    onNew: 'show',
  })
  return { store, media, tell: (event: LibraryEvent) => tell(event), timelines: () => timelines }
}

/** Until all is done that waits for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('what stands at places is loaded for those who ask, and also more than is kept', async () => {
  const { store, media } = startSource(1500)
  store.start()
  await settled()
  const all = await store.mediaAt(media.map((_, n) => n))
  assert.deepEqual(
    all?.map(({ id }) => id),
    media.map(({ id }) => id),
  )
})

test('nothing is read anew while something is deleted, and what the server tells of it is no news', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { store, media, tell, timelines } = startSource(50)
  store.start()
  await settled()
  const [first, second] = media as [Media, Media]
  const before = timelines()
  store.remove(['0'])
  await store.during('removed', ['0'], async () => {
    tell({ type: 'removed', id: '0' })
    // Elsewhere another was deleted that this page has not loaded.
    tell({ type: 'removed', id: 'unknown' })
    t.mock.timers.tick(1000)
    await settled()
    assert.equal(timelines(), before)
    assert.equal(store.get().outline.count, 49)
  })
  t.mock.timers.tick(1000)
  await settled()
  assert.equal(timelines(), before + 1)

  await store.during('restored', ['0'], async () => {
    tell({ type: 'restored', media: first })
    store.add([first])
  })
  assert.equal(store.get().arrived.size, 0)
  // What was restored elsewhere is new here.
  store.remove(['1'])
  tell({ type: 'restored', media: second })
  assert.deepEqual([...store.get().arrived], ['1'])
  store.stop()
})
