import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, test } from 'node:test'
import { strangerToThisMachine } from './this-machine.ts'

const why = (headers: IncomingHttpHeaders, peer: string | undefined = '127.0.0.1') =>
  strangerToThisMachine({ headers: { host: 'localhost:3000', ...headers }, peer })

describe('a request of this very machine', () => {
  for (const host of [
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    'photos.localhost:80',
    '127.0.0.1:3000',
    '127.1.2.3',
    '[::1]:3000',
  ]) {
    test(`may ask for ${host}`, () => assert.equal(why({ host }), undefined))
  }

  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'xlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.256',
    '128.0.0.1',
    '0.0.0.0:3000',
    '192.168.1.7',
    '[::2]',
    'localhost:80:80',
    'localhost, evil.example',
  ]) {
    test(`may not ask for ${host}`, () => assert.match(String(why({ host })), /host/))
  }

  for (const [peer, isOwn] of [
    ['127.0.0.1', true],
    ['::ffff:127.0.0.1', true],
    ['::1', true],
    [undefined, false],
    ['192.168.1.7', false],
    ['::ffff:192.168.1.7', false],
    ['fe80::1', false],
    ['', false],
  ] as const) {
    test(`${isOwn ? 'may' : 'may not'} come from ${peer ?? 'an address that the door does not know'}`, () => {
      assert.equal(strangerToThisMachine({ headers: { host: 'localhost' }, peer }) === undefined, isOwn)
    })
  }

  for (const name of [
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-server',
    'forwarded',
    'via',
    'x-real-ip',
    'cf-connecting-ip',
    'cf-ray',
    'true-client-ip',
    'x-client-ip',
    'fly-client-ip',
    'x-envoy-external-address',
    'x-original-forwarded-for',
    'cdn-loop',
    'x-arr-ssl',
    'x-varnish',
    'client-ip',
    'x-remote-addr',
    'x-originating-ip',
    'x-scheme',
    'front-end-https',
    'x-cloud-trace-context',
    'x-ms-proxy',
    'x-amz-cf-id',
    'akamai-origin-hop',
    'incap-client-ip',
    'x-sucuri-clientip',
  ]) {
    test(`has no header ${name}`, () =>
      assert.match(String(why({ [name]: 'x' })), new RegExp(`proxy.*${name}`)))
  }

  test('has whatever browsers and programs send', () => {
    const headers = {
      accept: '*/*',
      authorization: 'Bearer x',
      cookie: 'a=b',
      origin: 'http://localhost:3000',
      referer: 'http://localhost:3000/',
      'x-requested-with': 'XMLHttpRequest',
      'x-request-id': '1',
      'sec-fetch-site': 'same-origin',
      traceparent: '00-1-1-00',
    }
    assert.equal(why(headers), undefined)
  })

  test('may ask for further names that are said to be its own', () => {
    const request = { headers: { host: 'photobox.local:3000' }, peer: '::1' }
    assert.equal(strangerToThisMachine(request, new Set(['photobox.local'])), undefined)
  })
})
