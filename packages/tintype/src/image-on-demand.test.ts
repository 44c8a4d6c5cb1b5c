import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TintypeError } from './errors.ts'
import { isImageName } from './image-names.ts'
import { createImageOnDemand, findFitting } from './image-on-demand.ts'
import type { MediaWithVariants } from './records/media-records.ts'
import type { MediaRow, VariantRow } from './records/schema.ts'
import type { VariantSpec } from './variants/variant-spec.ts'

const variant = (name: string, width: number, height: number, type = 'image/webp'): VariantRow => ({
  media_id: 'm',
  name,
  key: `media/m/${name}`,
  type,
  bytes: 1,
  width,
  height,
})

describe('the variant that will do', () => {
  const photo = { width: 4000, height: 3000 }
  const view = variant('view', 2048, 1536)

  test('has this format, and is as wide or a little wider', () => {
    const all = [variant('thumb', 320, 240), view, variant('w1920.webp', 1920, 1440)]
    const find = (width: number, format: 'webp' | 'jpeg' = 'webp') =>
      findFitting(all, photo, { width, format })?.name
    assert.equal(find(320), 'thumb')
    assert.equal(find(1920), 'w1920.webp')
    assert.equal(find(320, 'jpeg'), undefined)
    assert.equal(find(640), undefined)
    assert.equal(find(2560), undefined)
    assert.equal(findFitting([view], photo, { width: 1920, format: 'webp' }), view)
    assert.equal(findFitting([view], photo, { width: 1600, format: 'webp' }), undefined)
  })

  test('shows all of the picture', () => {
    const square = variant('square', 320, 320)
    assert.equal(findFitting([square], photo, { width: 320, format: 'webp' }), undefined)
    assert.equal(findFitting([square], { width: 500, height: 500 }, { width: 320, format: 'webp' }), square)
  })
})

describe('a picture on demand', () => {
  async function asked(kind: 'image' | 'video', variants: VariantRow[], width: number) {
    const specs: VariantSpec[] = []
    const found = { media: { id: 'm', kind, width: 1000, height: 333, details: null } as MediaRow, variants }
    const onDemand = createImageOnDemand({
      media: { find: async (id) => (id === 'm' ? (found as MediaWithVariants) : undefined) },
      async ask(_, spec) {
        specs.push(spec)
        return variant(spec.name, spec.width, spec.height)
      },
    })
    const asker = { owner: 'ann', signal: new AbortController().signal }
    const { name } = await onDemand('m', { width, format: 'webp' }, asker)
    await assert.rejects(onDemand('other', { width, format: 'webp' }, asker), /no such photo/)
    return { name, spec: specs[0] }
  }

  test('is made in the next width of the ladder, and the height does not limit it', async () => {
    const { name, spec } = await asked('image', [], 500)
    assert.equal(name, 'w640.webp')
    assert.deepEqual([spec?.width, spec?.height, spec?.fit, spec?.format], [640, 214, 'inside', 'webp'])
    assert.equal((await asked('image', [], 3840)).name, 'w1000.webp')
  })

  test('of a video is made of its poster', async () => {
    const poster = variant('poster', 500, 281)
    assert.equal((await asked('video', [poster], 3840)).name, 'poster')
    const { name, spec } = await asked('video', [poster], 200)
    assert.deepEqual([name, spec?.height], ['w320.webp', 180])
    await assert.rejects(asked('video', [], 640), /has no poster/)
  })

  test('has a name of its own', () => {
    for (const name of ['w160.webp', 'w3840.avif', 'w1000.jpeg']) assert.ok(isImageName(name), name)
    for (const name of ['thumb', 'view', 'poster', 'wide', 'w640']) assert.ok(!isImageName(name), name)
  })

  test('lets a client go that leaves, and makes the picture for the others', async () => {
    const found = {
      media: { id: 'm', owner: 'ann', kind: 'image', width: 1000, height: 500, details: null },
      variants: [],
    }
    const making = Promise.withResolvers<VariantRow>()
    const onDemand = createImageOnDemand({
      media: { find: async () => found as unknown as MediaWithVariants },
      ask: () => making.promise,
    })
    const leaving = new AbortController()
    const wanted = { width: 640, format: 'webp' } as const
    const left = onDemand('m', wanted, { owner: 'ann', signal: leaving.signal })
    const stayed = onDemand('m', wanted, { owner: 'ann', signal: new AbortController().signal })
    leaving.abort(new Error('gone'))
    await assert.rejects(left, /gone/)
    making.resolve(variant('w640.webp', 640, 320))
    assert.equal((await stayed).name, 'w640.webp')
  })

  test('is refused where too many of one owner wait, and not to others', async () => {
    const making = Promise.withResolvers<VariantRow>()
    const onDemand = createImageOnDemand({
      media: {
        find: async (id, owner) =>
          ({
            media: { id, owner, kind: 'image', width: 1000, height: 500, details: null },
            variants: [],
          }) as never,
      },
      ask: () => making.promise,
    })
    const { signal } = new AbortController()
    const asks = (owner: string, count: number) =>
      Array.from({ length: count }, (_, at) =>
        onDemand(`${at}`, { width: 640, format: 'webp' }, { owner, signal }).catch((error: Error) => error),
      )
    const all = [...asks('ann', 201), ...asks('bob', 1)]
    const refused = (await Promise.race([all[200], all[201]])) as TintypeError
    assert.deepEqual([refused.code, refused.retryAfter], ['overloaded', 2])
    making.resolve(variant('w640.webp', 640, 320))
    const rows = await Promise.all(all)
    assert.equal(rows.filter((one) => one instanceof Error).length, 1)
    assert.ok(!((await asks('ann', 1)[0]) instanceof Error))
  })
})
