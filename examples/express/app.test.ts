import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Media } from '@tintype/protocol'
import { photo } from '../../test/media/photos.ts'
import { upload } from '../../test/support/server.ts'
import { sessionOf, testExample } from '../suite.ts'

testExample({
  name: 'Express 5',
  load: () => import('./app.ts'),
  signIn: sessionOf,
  hasOwnRoute: true,
  hasForm: true,
  more(example) {
    test('Multer with Tintype as its storage gives each file its media', async () => {
      const { url } = example()
      const headers = await sessionOf(url, 'eve')
      const avatar = { bytes: await photo(), field: 'avatar' }
      const response = await upload(url, avatar, { path: '/avatar', headers })
      assert.equal(response.status, 201)
      const { media } = (await response.json()) as { media: Media }
      assert.equal((await fetch(media.urls.thumb ?? '')).status, 200)
    })
  },
})
