import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { clip } from '../../../../test/media/containers.ts'
import { closeDecoders, examined, isNear, middle, refusal, shown } from '../../../../test/media/examined.ts'

after(closeDecoders)

describe('JPEG XL', () => {
  test('bare and in boxes, with 8 and 16 bits', async () => {
    for (const name of ['quadrants.jxl', 'boxed.jxl', '16-bit.jxl']) {
      assert.equal(await shown(clip(name)), 'image/jxl 128x64 red green blue white')
    }
  })

  test('stands upright by its own header, whatever Exif says', async () => {
    // A JPEG that was turned, without loss: its Exif is in the boxes, too.
    assert.equal(await shown(clip('turned-2.jxl')), 'image/jxl 128x64 green red white blue')
    assert.equal(await shown(clip('turned-6.jxl')), 'image/jxl 64x128 blue red white green')
  })

  test('its colours go by its profile', async () => {
    isNear(await middle(clip('display-p3.jxl')), [239, 35, 87], 6)
  })

  test('of an animation the first frame is shown', async () => {
    const { verdict } = await examined(clip('animated.jxl'))
    assert.deepEqual([verdict.width, verdict.height, verdict.frames], [32, 24, 1])
  })

  test('is refused where it is cut off, says too much, or can not be decoded', async () => {
    const whole = clip('quadrants.jxl')
    assert.match(await refusal(whole.subarray(0, whole.length / 2)), /^not_decodable/)
    assert.match(await refusal(clip('boxed.jxl').subarray(0, -9)), /^not_decodable: .*cut off/)
    const noise = Buffer.from(whole).fill(0x5a, 20)
    assert.match(await refusal(noise), /^not_decodable/)
    // 2^18 in both directions: the bits of a size that is not small, its third range, and no ratio.
    const bits = `0${'01'}${'1'.repeat(18)}000${'01'}${'1'.repeat(18)}1`
    const header = (bits.padEnd(48, '0').match(/.{8}/g) ?? []).map((byte) =>
      Number.parseInt([...byte].reverse().join(''), 2),
    )
    assert.match(
      await refusal(Buffer.from([0xff, 0x0a, ...header])),
      /^too_many_pixels: .*68719 megapixels \(262144 x 262144\)/,
    )
  })
})
