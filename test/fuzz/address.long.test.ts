import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { belowPath } from '../../packages/server/src/site/public-path.ts'
import { createOwnAddress } from '../../packages/tintype/src/http/address.ts'
import { fuzz } from '../support/fuzz.ts'

const hosts = fc.oneof(
  fc.webAuthority(),
  fc.domain(),
  fc.stringMatching(/^[\w.:[\]@;,'" /\\%#?-]{0,20}$/),
  fc.string(),
  fc.constantFrom('localhost:3000', '[::1]:3000', 'photos.example.', 'x:0', 'x:99999', '127.1', '0x7f.1'),
)
const schemes = fc.constantFrom('http:', 'https:')

test('whatever a client sends as Host, Origin and Referer: only an origin, or nothing, comes of it', () => {
  const forwarded = fc.record({ host: hosts, origin: fc.webUrl(), referer: fc.webUrl() })
  fc.assert(
    fc.property(forwarded, (headers) => {
      const req = { headers, isEncrypted: false }
      const { origin } = createOwnAddress(undefined).of(req)
      assert.ok(origin === '' || new URL(origin).origin === origin, origin)
      assert.doesNotMatch(origin, /[;,'"\s@]/)
    }),
    fuzz(2_000),
  )
})

test('with an address of its own nothing else is believed, and pages of others are never its own', () => {
  const own = createOwnAddress('https://photos.example:8443')
  fc.assert(
    fc.property(hosts, schemes, fc.domain(), (host, scheme, other) => {
      const req = { headers: { host }, isEncrypted: false }
      assert.equal(own.of(req).origin, 'https://photos.example:8443')
      assert.ok(own.isOwn(req, 'https://photos.example:8443'))
      const foreign = `${scheme}//${other}`
      if (own.isOwn(req, foreign)) {
        assert.equal(new URL(`${scheme}//${host}`).hostname.replace(/\.$/, ''), new URL(foreign).hostname)
      }
    }),
    fuzz(2_000),
  )
})

test('what comes with the path of the app is served as if it came without', () => {
  const segment = fc.stringMatching(/^[\w.~%-]{0,8}$/)
  const rest = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '?', '?x=1', '?/photos/'))
    .map(([segments, query]) => `/${segments.join('/')}${query}`)
  const serve = (url: string) => {
    let seen: string | undefined
    const res = { writeHead: () => ({ end() {} }) } as unknown as ServerResponse
    belowPath('/photos', (req) => {
      seen = req.url
    })({ url } as IncomingMessage, res)
    return seen
  }
  fc.assert(
    fc.property(rest, fc.constantFrom('', 'http://photos.example', 'HTTPS://x:1'), (path, authority) => {
      assert.equal(serve(`${authority}/photos${path}`), path)
      if (!/^\/photos([/?]|$)/.test(path)) assert.equal(serve(authority + path), path)
    }),
    fuzz(2_000),
  )
})
