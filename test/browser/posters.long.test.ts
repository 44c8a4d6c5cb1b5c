import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Media } from '@tintype/protocol'
import sharp from 'sharp'
import { coloured, withoutPictures } from '../media/colours.ts'
import { buildClient } from '../support/client-page.ts'
import { upload } from '../support/server.ts'
import { launchBrowser } from './browser.ts'
import { openPage } from './page.ts'
import { startServer } from './server.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
after(async () => {
  if (typeof launched !== 'string') await launched[Symbol.asyncDispose]()
})

declare const sendPoster: (
  file: File,
  media: Media,
  options: { endpoint: string },
) => Promise<Media | undefined>

test('a page sends a frame of a video that the server can not decode, and it is the poster', {
  skip,
}, async () => {
  await using server = await startServer()
  const clip = coloured('dark-start.mp4')
  // What the server has got shows nothing; the page has the same file with its pictures.
  const sent = await upload(server.url, { bytes: withoutPictures(clip), name: 'clip.mp4', type: 'video/mp4' })
  const { media } = (await sent.json()) as { media: [Media] }
  assert.equal(media[0].urls.poster, undefined)
  await using opened = await openPage(browser)
  const { page } = opened
  await page.goto(server.url)
  await page.evaluate(await buildClient())
  const [shown, blind] = await page.evaluate(
    async ([bytes, media]) => {
      const file = (text: string) =>
        new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], 'clip.mp4', { type: 'video/mp4' })
      const blind = await sendPoster(file(btoa('no video')), media, { endpoint: '/api' })
      return [await sendPoster(file(bytes), media, { endpoint: '/api' }), blind ?? null] as const
    },
    [clip.toString('base64'), media[0]] as const,
  )
  assert.equal(blind, null)
  assert.ok(shown?.urls.thumb)
  const poster = await fetch(`${server.url}/api/media/${media[0].id}/poster`)
  const { data, info } = await sharp(Buffer.from(await poster.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true })
  assert.deepEqual([info.width, info.height], [media[0].width, media[0].height])
  // Not the dark beginning.
  assert.ok(data.reduce((sum, value) => sum + value, 0) / data.length > 24)
})
