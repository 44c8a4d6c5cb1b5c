import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { type ShownMedia, sizes, srcset } from './images.ts'

const photo: ShownMedia = {
  id: 'abc',
  kind: 'image',
  sha256: '0123456789abcdef',
  width: 1000,
  height: 750,
  urls: { original: 'https://bucket.example/1' },
}

test('srcset has every width up to the own one, and never the original', () => {
  assert.equal(
    srcset(photo, { endpoint: '/photos/api' }),
    [160, 320, 640, 960, 1000]
      .map((width) => `/photos/api/media/abc/image?w=${width}&v=01234567 ${width}w`)
      .join(', '),
  )
  assert.match(
    srcset(photo, { format: 'avif' }),
    /^\/api\/media\/abc\/image\?w=160&format=avif&v=01234567 160w, /,
  )
})

test('a video has pictures where it has a poster', () => {
  const video: ShownMedia = { ...photo, kind: 'video' }
  assert.equal(srcset(video), '')
  const { urls } = photo
  assert.equal(srcset({ ...video, urls: { ...urls, poster: 'https://bucket.example/2' } }), srcset(photo))
})

test('sizes says how wide it is within its place', () => {
  const picture = { width: 3000, height: 2000 }
  assert.equal(sizes(picture, { width: '50vw' }), '50vw')
  assert.equal(sizes(picture, { width: '100vw', height: '80vh' }), 'min(100vw, 80vh * 1.5)')
  assert.equal(sizes(picture, { width: '10rem', height: '10rem', fit: 'cover' }), 'max(10rem, 10rem * 1.5)')
  assert.equal(sizes({ width: 1, height: 3 }, { width: '9px', height: '9px' }), 'min(9px, 9px * 0.3333)')
})

test('a page that shows pictures loads less than 1 kB for it', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      lib: { entry: fileURLToPath(new URL('./images.ts', import.meta.url)), formats: ['es'] },
      minify: true,
      write: false,
    },
  })
  const [output] = [result].flat()
  assert(output && 'output' in output)
  const code = output.output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')
  const bytes = gzipSync(code, { level: 9 }).length
  assert(bytes < 1000, `${bytes} bytes`)
})
