import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isCrossSite } from './cross-site.ts'

const own = 'http://localhost:3000'
const named = 'http://localhost:5173'
const evil = 'https://evil.example'
const pages = { isNamed: (origin: string) => origin === named, isOwn: (origin: string) => origin === own }

describe('a write', () => {
  for (const [what, headers, refused] of [
    ['by no browser', {}, false],
    ['by a page of the app', { 'sec-fetch-site': 'same-origin', origin: own }, false],
    // A proxy that changes the Host, such as the short form of Vite's.
    [
      'by a page of the app, behind a proxy',
      { 'sec-fetch-site': 'same-origin', origin: 'http://a.example' },
      false,
    ],
    ['by the person', { 'sec-fetch-site': 'none' }, false],
    ['by another site', { 'sec-fetch-site': 'cross-site', origin: evil }, true],
    ['by another site that hides', { 'sec-fetch-site': 'cross-site' }, true],
    ['by another site that hides its name', { 'sec-fetch-site': 'cross-site', origin: 'null' }, true],
    ['by another site, whatever the Host', { 'sec-fetch-site': 'cross-site', origin: own }, true],
    ['by another port', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:8080' }, true],
    ['by a port that the app has named', { 'sec-fetch-site': 'same-site', origin: named }, false],
    ['by a site that the app has named', { 'sec-fetch-site': 'cross-site', origin: named }, false],
    ['with a word of times to come', { 'sec-fetch-site': 'somewhere', origin: own }, true],
    ['with two words', { 'sec-fetch-site': 'same-origin, cross-site', origin: own }, true],
    ['by an old browser, of a page of the app', { origin: own }, false],
    ['by an old browser, of a page that the app has named', { origin: named }, false],
    ['by an old browser, of another site', { origin: evil }, true],
    ['by an old browser, of a page without an origin', { origin: 'null' }, true],
    ['with a Referer alone, which a page may leave out', { referer: `${evil}/` }, false],
    ['with an Origin and the Referer of the app', { origin: evil, referer: `${own}/` }, true],
  ] as const) {
    test(`${what} is ${refused ? 'refused' : 'let through'}`, () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'MKCOL']) {
        assert.equal(isCrossSite(method, headers, pages), refused, method)
      }
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        assert.equal(isCrossSite(method, headers, pages), false)
    })
  }
})
