import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import type { Location, PrivacyOptions, TintypeError } from '../../packages/tintype/src/index.ts'
import { jpegSegment, withSegments } from '../media/exif.ts'
import { photo } from '../media/photos.ts'
import { privateExif } from '../media/secrets.ts'
import { withPlace } from '../media/videos.ts'
import { skipWithoutCredentials } from '../support/credentials.ts'
import { begin, complete, send, sha256 } from '../support/direct.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

const clip = withPlace(readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)))
const jpeg = await photo()
const place = '+51.5000'

describe('what the app says of privacy', () => {
  let app: StorageApp
  const told: { hook: string; location: Location | undefined }[] = []
  let said: unknown
  let isTransformed = true
  before(async () => {
    app = await startStorageApp({
      hooks: {
        beforeUpload: () => said as { privacy?: PrivacyOptions },
        transform({ type, location }) {
          told.push({ hook: 'transform', location })
          // A photo becomes a video that says where it was taken.
          return type === 'image/jpeg' && isTransformed ? { bytes: clip } : undefined
        },
        ready: (_, { location }) => void told.push({ hook: 'ready', location }),
      },
      canView: () => true,
    })
  })
  after(() => app.stop())

  const direct = async (bytes: Buffer, more: Record<string, unknown>) => {
    const session = await begin(app.url, bytes, more)
    assert.ok(session.put)
    await send(session.put, bytes)
    return (await (await complete(app.url, session)).json()) as Media
  }
  const create = (bytes: Buffer) => app.tintype.media.create(bytes, { owner: 'ann' })
  /** Without what the hook `transform` makes of a photo. */
  const plain = async (bytes: Buffer, privacy: PrivacyOptions) => {
    isTransformed = false
    try {
      return await saying(privacy, () => create(bytes))
    } finally {
      isTransformed = true
    }
  }
  const stored = async ({ urls }: Media) => Buffer.from(await (await fetch(urls.original)).arrayBuffer())
  const saying = async <T>(privacy: unknown, work: () => Promise<T>): Promise<T> => {
    said = { privacy }
    try {
      return await work()
    } finally {
      said = undefined
    }
  }

  test('a hook keeps what is to be kept of one upload, and the record says so', async () => {
    const media = await saying({ location: 'keep' }, () => create(clip))
    assert.ok((await stored(media)).equals(clip))
    assert.deepEqual([media.cleaned?.location, media.cleaned?.kept], [false, ['location']])
    assert.equal(media.sentSha256, media.sha256)
    const other = await create(clip)
    assert.ok(!(await stored(other)).includes(place))
  })

  test('what it says when a direct upload begins holds when it is complete', async () => {
    const video = { type: 'video/mp4' }
    const kept = await saying({ location: 'keep' }, () => direct(clip, video))
    assert.ok((await stored(kept)).equals(clip))
    const other = await direct(clip, video)
    assert.ok(!(await stored(other)).includes(place))
    assert.deepEqual([other.sentSha256, other.cleaned?.location], [sha256(clip), true])
  })

  test('of a photo with Content Credentials the record says whether they held, and what became of them', {
    skip: skipWithoutCredentials,
  }, async () => {
    const signed = readFileSync(new URL('../media/files/content-credentials.jpg', import.meta.url))
    const kept = await plain(signed, { credentials: 'keep' })
    assert.deepEqual([kept.cleaned?.credentials, kept.cleaned?.signature], ['untouched', 'valid'])
    assert.equal(kept.sentSha256, kept.sha256)
    // A program that knows nothing of them wrote a place into it.
    const edited = withSegments(signed, [jpegSegment(0xe1, 'Exif\0\0', privateExif())])
    const gone = await plain(edited, {})
    assert.deepEqual([gone.cleaned?.credentials, gone.cleaned?.signature], ['invalidated', 'invalid'])
    assert.equal((await plain(await photo(), {})).cleaned?.signature, undefined)
  })

  test('a slip of the pen keeps nothing: the upload fails', async () => {
    for (const privacy of [{ location: 'kept' }, { position: 'keep' }, 'keep']) {
      const thrown = await saying(privacy, () => create(clip)).catch((error: unknown) => error)
      assert.equal((thrown as TintypeError).code, 'hook_failed')
    }
    said = true
    assert.equal(
      (await create(clip)).cleaned?.location,
      true,
      'anything else that a hook returns means nothing',
    )
    said = undefined
  })

  test('hooks get the place before it goes, and what they make is cleaned too', async () => {
    told.length = 0
    const media = await create(clip)
    const near = ({ location }: (typeof told)[number]) =>
      Math.abs((location?.latitude ?? 0) - 51.5) < 0.001 &&
      Math.abs((location?.longitude ?? 0) + 0.1167) < 0.001
    assert.deepEqual(
      told.map((one) => [one.hook, near(one)]),
      [
        ['transform', true],
        ['ready', true],
      ],
    )
    assert.equal(media.cleaned?.location, true)
    const made = await create(jpeg)
    assert.ok(!(await stored(made)).includes(place))
    assert.deepEqual([made.type, made.cleaned?.location, made.sentSha256], ['video/mp4', true, sha256(jpeg)])
  })

  test('the same key with the same file is one media, though another file is stored', async () => {
    const send = () => app.tintype.media.create(clip, { owner: 'ann', idempotencyKey: 'a-clip' })
    const [first, second] = [await send(), await send()]
    assert.equal(first.id, second.id)
    assert.notEqual(first.sha256, first.sentSha256)
  })

  describe('of a file that may still say something', () => {
    let photoId: string
    let videoId: string
    before(async () => {
      said = undefined
      const bare = await startPhoto(app)
      photoId = bare
      videoId = (await create(clip)).id
      const database = new DatabaseSync(app.database)
      database
        .prepare('update tintype_media set cleaned = ? where id in (?, ?)')
        .run(
          JSON.stringify({ location: true, identifiers: false, other: false, unsure: 'Who knows.' }),
          photoId,
          videoId,
        )
      database.close()
    })

    const as = (user: string) => ({ headers: { 'X-User': user }, redirect: 'manual' as const })
    const shown = async (id: string, user: string) =>
      (await (await fetch(`${app.url}/api/media/${id}`, as(user))).json()) as Media
    const led = async (id: string, user: string) => {
      const response = await fetch(`${app.url}/api/media/${id}/original`, as(user))
      return { status: response.status, to: response.headers.get('location') ?? '' }
    }

    test('its owner gets the original, and learns why nobody else does', async () => {
      const media = await shown(photoId, 'ann')
      assert.equal(media.cleaned?.unsure, 'Who knows.')
      assert.equal(await typeOf(media.urls.original), 'image/png')
      assert.equal(await typeOf((await led(photoId, 'ann')).to), 'image/png')
    })

    test('others get the largest variant', async () => {
      const media = await shown(photoId, 'bob')
      assert.equal(await typeOf(media.urls.original), 'image/webp')
      assert.equal(await typeOf((await led(photoId, 'bob')).to), 'image/webp')
    })

    test('and nothing where there is no variant', async () => {
      const { variants, original } = await shown(videoId, 'bob').then(({ urls }) => ({
        variants: Object.keys(urls).length - 1,
        original: urls.original,
      }))
      if (variants > 0) return assert.match(original, /^http/)
      assert.equal(original, '')
      assert.equal((await led(videoId, 'bob')).status, 404)
    })

    test('code of the app that names no owner gets what anybody may see', async () => {
      const { media } = app.tintype
      const anybodys = await media.get(photoId)
      assert.equal(await typeOf(anybodys?.urls.original ?? ''), 'image/webp')
      assert.equal(await typeOf(await media.url(photoId)), 'image/webp')
      assert.equal(await typeOf(await media.url(photoId, 'original', { owner: 'ann' })), 'image/png')
      const listed = (await media.list({ limit: 100 })).media.find(({ id }) => id === photoId)
      assert.equal(await typeOf(listed?.urls.original ?? ''), 'image/webp')
    })
  })
})

/** A photo as no hook has changed it. */
async function startPhoto(app: StorageApp): Promise<string> {
  const png = await photo({ type: 'image/png', width: 640, height: 480 })
  const { id } = await app.tintype.media.create(png, { owner: 'ann' })
  return id
}

async function typeOf(url: string): Promise<string | null> {
  const response = await fetch(url)
  await response.bytes()
  return response.headers.get('content-type')
}
