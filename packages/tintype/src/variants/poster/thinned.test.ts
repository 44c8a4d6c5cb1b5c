import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isWhole, type VideoFrame } from './frame.ts'
import { unpack } from './still.ts'
import { thinned } from './thinned.ts'

const [width, height] = [641, 363]

/** Random samples, in rows that are longer than the picture is wide. */
function frameOf(chroma: VideoFrame['chroma'], { bits = 8, isInterleaved = false } = {}): VideoFrame {
  const sampleBytes = bits > 8 ? 2 : 1
  const columns = chroma === '444' ? width : (width + 1) >> 1
  const rows = chroma === '420' ? (height + 1) >> 1 : height
  const luma = { offset: 16, stride: width * sampleBytes + 6 }
  const chromaStride = columns * sampleBytes * (isInterleaved ? 2 : 1) + 10
  const planes = [luma]
  let at = luma.offset + luma.stride * height
  for (let more = chroma === 'grey' ? 0 : isInterleaved ? 1 : 2; more > 0; more--) {
    planes.push({ offset: at, stride: chromaStride })
    at += chromaStride * rows
  }
  return { width, height, chroma, bits, bytes: randomBytes(at), planes, colour: { matrix: 'bt709' } }
}

const kinds: Record<string, VideoFrame> = {
  '4:2:0': frameOf('420'),
  '4:2:2': frameOf('422'),
  '4:4:4': frameOf('444'),
  NV12: frameOf('420', { isInterleaved: true }),
  'in 10 bits': frameOf('420', { bits: 10 }),
  grey: frameOf('grey'),
}

for (const [name, frame] of Object.entries(kinds)) {
  test(`a thinned frame, ${name}, has pixels of the whole one`, () => {
    const thin = thinned(frame)
    assert.ok(isWhole(thin) && thin.width * thin.height < 20_000)
    const [whole, few] = [unpack(frame).data, unpack(thin).data]
    const step = Math.round(width / thin.width)
    for (let row = 0; row < thin.height; row++) {
      for (let column = 0; column < thin.width; column++) {
        const at = (row * thin.width + column) * 3
        const from = (row * step * width + column * step) * 3
        assert.deepEqual([...few.subarray(at, at + 3)], [...whole.subarray(from, from + 3)])
      }
    }
  })
}

test('a small frame is left as it is', () => {
  const small = { ...frameOf('420'), width: 64, height: 48 }
  assert.equal(thinned(small), small)
})
