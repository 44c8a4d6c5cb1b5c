import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { makePictures } from './make-pictures.ts'
import { openPicture } from './open-picture.ts'

for (const format of ['jpeg', 'webp', 'png'] as const)
  test(`the edge of a narrow ${format} is in its thumb`, async () => {
    const border = { create: { width: 4, height: 2400, channels: 3, background: '#d00000' } } as const
    const bytes = await sharp({ create: { width: 60, height: 2400, channels: 3, background: '#fff' } })
      .composite([{ input: await sharp(border).png().toBuffer(), left: 56, top: 0 }])
      .toFormat(format, { quality: 95 })
      .toBuffer()
    const spec = {
      name: 'thumb',
      width: 240,
      height: 240,
      fit: 'inside',
      format: 'jpeg',
      quality: 95,
    } as const
    const open = await openPicture(bytes, { pixels: 1e6, failOn: 'warning' })
    const { pictures } = await makePictures(open, [spec])
    const { data, info } = await sharp(pictures[0]).raw().toBuffer({ resolveWithObject: true })
    assert.deepEqual([info.width, info.height], [6, 240])
    const row = 120 * info.width * info.channels
    const [red = 0, green = 0] = data.subarray(row + 5 * info.channels)
    assert.ok(red > green + 20, `its last pixel is ${red}, ${green}`)
  })
