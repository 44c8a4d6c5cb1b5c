import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import multer from 'multer'
import sharp from 'sharp'
import type { Tintype } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import { largeVideo, withPlace } from '../media/videos.ts'
import { begin, complete, send, sendParts, sha256 } from '../support/direct.ts'
import { createDatabase } from '../support/postgres.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

const mebibyte = 1024 * 1024
const jpeg = await photo({ width: 800, height: 600, gps: true })
const clip = withPlace(readFileSync(new URL('../media/files/index-at-end.mp4', import.meta.url)))
/** A photo with its clip behind it; both say where. */
const motion = Buffer.concat([jpeg, clip])
const long = withPlace(await largeVideo(12 * mebibyte, { index: 'last' }))
const huge = withPlace(await largeVideo(19 * mebibyte, { index: 'last' }))

/** What must not be left of it: as text in the video, as three fractions in the photo's Exif. */
const places = [
  Buffer.from('+51.5000'),
  ...[
    Buffer.from([0, 0, 0, 51, 0, 0, 0, 1, 0, 0, 0, 30]),
    Buffer.from([51, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0]),
  ],
]
const saysWhere = (bytes: Buffer) => places.some((place) => bytes.includes(place))

/** Sends files that say where they were taken by these ways, and looks at what is stored. */
export function testWays(
  chosen: 'quick' | 'long',
  { name, skip }: { name: 'SQLite' | 'Postgres'; skip: string | false },
): void {
  describe(`an app that knows nothing of it stores no place, on ${name}`, { skip }, () => {
    let app: StorageApp
    let database: Awaited<ReturnType<typeof createDatabase>> | undefined
    let folder: string
    before(async () => {
      if (name === 'Postgres') database = await createDatabase()
      folder = await mkdtemp(join(tmpdir(), 'tintype-ways-'))
      app = await startStorageApp({
        ...(database ? { database: database.url } : {}),
        limits: { memory: 200 * mebibyte },
        routes: addRoutes,
      })
    })
    after(async () => {
      await app.stop()
      await database?.drop()
      await rm(folder, { recursive: true })
    })

    const form = (bytes: Buffer, field = 'file') => {
      const body = new FormData()
      body.append(field, new Blob([new Uint8Array(bytes)]), 'a')
      return body
    }
    const posted = async (path: string, bytes: Buffer, field?: string): Promise<Media> => {
      const response = await fetch(app.url + path, { method: 'POST', body: form(bytes, field) })
      const { media } = (await response.json()) as { media: Media[] }
      return media[0] as Media
    }
    const direct = async (bytes: Buffer, type: string): Promise<Media> => {
      const isLarge = bytes.length > 16 * mebibyte
      const session = await begin(app.url, bytes, { type, ...(isLarge ? { sha256: undefined } : {}) })
      if (session.put) await send(session.put, bytes)
      const parts = session.put ? undefined : await sendParts(app.url, session, bytes)
      const response = await complete(app.url, session, parts)
      assert.equal(response.status, 201, await response.clone().text())
      return (await response.json()) as Media
    }
    const inPieces = (bytes: Buffer) =>
      Readable.from(
        Array.from({ length: Math.ceil(bytes.length / mebibyte) }, (_, i) =>
          bytes.subarray(i * mebibyte, (i + 1) * mebibyte),
        ),
      )
    const create = (source: Parameters<Tintype['media']['create']>[0]) =>
      app.tintype.media.create(source, { owner: 'ann' })

    const all: [what: string, sent: Buffer, () => Promise<Media>][] = [
      ['a photo in a form', jpeg, () => posted('/api/media', jpeg)],
      ['a motion photo in a form', motion, () => posted('/api/media', motion)],
      ['a motion photo straight to S3', motion, () => direct(motion, 'image/jpeg')],
      ['a video in a form', clip, () => posted('/api/media', clip)],
      ['a long video in a form, which is streamed', long, () => posted('/api/media', long)],
      ['a photo by a route of the app', jpeg, () => posted('/posts', jpeg, 'photo')],
      ['a photo by Multer with our storage', jpeg, () => posted('/multer', jpeg, 'photo')],
      ['a long video by Multer', long, () => posted('/multer', long, 'photo')],
      ['a photo straight to S3', jpeg, () => direct(jpeg, 'image/jpeg')],
      ['a small video straight to S3', clip, () => direct(clip, 'video/mp4')],
      ['a video straight to S3 by one PUT', long, () => direct(long, 'video/mp4')],
      ['a video straight to S3 in parts', huge, () => direct(huge, 'video/mp4')],
      ['a Buffer of the app’s', jpeg, () => create(jpeg)],
      ['a large Buffer of the app’s', long, () => create(long)],
      ['a stream of the app’s', jpeg, () => create(inPieces(jpeg))],
      ['a long stream of the app’s', long, () => create(inPieces(long))],
      [
        'a file of the app’s',
        jpeg,
        async () => {
          await writeFile(join(folder, 'a.jpg'), jpeg)
          return create({ path: join(folder, 'a.jpg') })
        },
      ],
      [
        'a photo in the place of another',
        jpeg,
        async () => {
          const { id } = await posted('/api/media', await photo())
          const response = await fetch(`${app.url}/api/media/${id}`, { method: 'PUT', body: form(jpeg) })
          return (await response.json()) as Media
        },
      ],
    ]

    const isLong = /by Multer$|large Buffer|long stream|by one PUT/
    for (const [what, sent, upload] of all) {
      if (chosen === 'quick' && isLong.test(what)) continue
      test(what, async () => {
        const before = sha256(sent)
        const media = await upload()
        const response = await fetch(new URL(media.urls.original, app.url))
        const stored = Buffer.from(await response.arrayBuffer())
        assert.ok(saysWhere(sent) && !saysWhere(stored), 'the place is gone')
        assert.equal(stored.length, sent.length)
        assert.deepEqual(
          [media.bytes, media.sha256, media.sentSha256],
          [stored.length, sha256(stored), before],
        )
        assert.deepEqual(media.cleaned?.location, true)
        assert.equal(media.cleaned?.unsure, undefined)
        assert.equal(sha256(sent), before, 'the app’s own memory is as it was')
        await sameButForMetadata(sent, stored)
        assert.deepEqual(await app.tintype.media.get(media.id, { owner: 'ann' }), {
          ...media,
          urls: (await app.tintype.media.get(media.id, { owner: 'ann' }))?.urls,
        })
      })
    }

    test('leaves nothing behind in the bucket when the sweeper has been there', async () => {
      app.clock.advance(3_600_000)
      const { media } = await app.tintype.media.list({ owner: 'ann', limit: 100 })
      const named = media.reduce((sum, { urls }) => sum + Object.keys(urls).length, 0)
      for (let tries = 0; (await app.keys()).length > named && tries < 100; tries++) app.clock.advance(60_000)
      assert.equal((await app.keys()).length, named)
      assert.deepEqual(await app.openMultiparts(), [])
    })
  })
}

async function sameButForMetadata(sent: Buffer, stored: Buffer): Promise<void> {
  if (sent.indexOf('ftyp') === 4) {
    const moov = sent.lastIndexOf('moov')
    assert.ok(stored.subarray(0, moov).equals(sent.subarray(0, moov)), 'the samples are the same')
    return
  }
  const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer()
  assert.ok((await pixels(stored)).equals(await pixels(sent)), 'the pixels are the same')
}

function addRoutes(
  app: Parameters<NonNullable<Parameters<typeof startStorageApp>[0]>['routes'] & object>[0],
  tintype: Tintype,
) {
  app.post('/posts', tintype.upload('photo'), (req, res) => void res.json({ media: req.media }))
  app.post('/multer', multer({ storage: tintype.storage() }).array('photo'), (req, res) => {
    res.json({ media: (req.files as unknown as { media: Media }[]).map(({ media }) => media) })
  })
}
