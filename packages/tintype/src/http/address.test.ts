import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Asked, createOwnAddress } from './address.ts'

/** As much of a request as tells where it came. */
function asked(headers: Record<string, string>, { isEncrypted = false } = {}): Asked {
  return { headers, isEncrypted }
}

describe("the app's own address", () => {
  test('is publicUrl where it is set, whatever Host a proxy passes', () => {
    const own = createOwnAddress('https://photos.example:8443')
    for (const host of ['127.0.0.1:3000', 'photos.example', 'photos.example:8443', 'evil.example']) {
      assert.equal(own.of(asked({ host })).origin, 'https://photos.example:8443')
      assert.ok(own.isOwn(asked({ host }), 'https://photos.example:8443'))
    }
    assert.ok(!own.isOwn(asked({ host: 'photos.example' }), 'https://evil.example'))
  })

  test('has one spelling: case, the port of the scheme, a dot at the end make no difference', () => {
    const own = createOwnAddress('https://photos.example')
    for (const origin of [
      'https://photos.example',
      'https://photos.example:443',
      'https://PHOTOS.example.',
      'https://photos.example.:443',
    ]) {
      assert.ok(own.isOwn(asked({ host: '127.0.0.1:3000' }), origin), origin)
    }
    for (const origin of [
      'http://photos.example',
      'https://photos.example:8443',
      'https://photos.example.evil.example',
      'null',
      '',
      'file://',
    ]) {
      assert.ok(!own.isOwn(asked({ host: '127.0.0.1:3000' }), origin), origin)
    }
  })

  test('is the Host of the request where nothing is set', () => {
    const own = createOwnAddress(undefined)
    for (const [host, origin] of [
      ['192.168.1.7:3000', 'http://192.168.1.7:3000'],
      ['Photos.Example.:80', 'http://photos.example'],
      ['[::1]:3000', 'http://[::1]:3000'],
      ['photo_box', 'http://photo_box'],
    ] as const) {
      assert.equal(own.of(asked({ host })).origin, origin)
      assert.ok(own.isOwn(asked({ host }), origin))
    }
  })

  test('a page under the same Host is its own, with or without the port of its scheme', () => {
    const own = createOwnAddress(undefined)
    assert.ok(own.isOwn(asked({ host: 'photos.example:443' }), 'https://photos.example'))
    assert.ok(own.isOwn(asked({ host: 'photos.example' }), 'https://photos.example:443'))
    assert.ok(!own.isOwn(asked({ host: 'photos.example' }), 'https://photos.example:8443'))
    assert.ok(!own.isOwn(asked({}), 'https://photos.example'))
  })

  test('is https when the connection is, or the browser says so of a page under this very Host', () => {
    const own = createOwnAddress(undefined)
    const host = 'photos.example'
    assert.equal(own.of(asked({ host }, { isEncrypted: true })).origin, 'https://photos.example')
    assert.equal(own.of(asked({ host, origin: 'https://photos.example' })).origin, 'https://photos.example')
    assert.equal(
      own.of(asked({ host, referer: 'https://photos.example/x' })).origin,
      'https://photos.example',
    )
    for (const headers of [
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
      { origin: 'https://evil.example' },
      { referer: 'https://evil.example/photos.example' },
    ]) {
      assert.equal(own.of(asked({ host, ...headers })).origin, 'http://photos.example')
    }
  })

  test('a Host that is none gets into nothing', () => {
    const own = createOwnAddress(undefined)
    for (const host of [
      '',
      'a b',
      "a;script-src 'unsafe-inline'",
      'user@evil.example',
      'a/b',
      'a:b',
      '[x]',
      'a,b',
    ]) {
      assert.equal(own.of(asked({ host })).origin, '', host)
    }
  })

  test('the router is below the path of the app, whether a proxy takes that off or not', () => {
    for (const mount of ['/api', '/photos/api']) {
      const own = createOwnAddress('https://example.org/photos')
      assert.deepEqual(own.atMount(asked({ host: 'x' }), mount), {
        origin: 'https://example.org',
        path: '/photos',
        router: '/photos/api',
      })
    }
  })

  test('outside of a request it is a path, below what the router has answered at first', () => {
    const own = createOwnAddress(undefined)
    assert.deepEqual(own.usual(), { origin: '', path: '', router: '/api' })
    const at = own.atMount(asked({ host: 'localhost:4000' }), '/media')
    assert.deepEqual(at, { origin: 'http://localhost:4000', path: '', router: '/media' })
    assert.deepEqual(own.usual(), { origin: '', path: '', router: '/api' })
    own.learnMount('//evil.example')
    own.learnMount('/media')
    own.learnMount('/later')
    assert.deepEqual(own.usual(), { origin: '', path: '', router: '/media' })
    assert.equal(createOwnAddress('https://photos.example').usual().origin, 'https://photos.example')
  })
})
