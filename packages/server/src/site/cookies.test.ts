import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOwnAddress } from 'tintype/internal/http/address'
import { createCookie } from './cookies.ts'

test('where no PUBLIC_URL is set, a browser that says where it comes from has come by https, unless it is on this machine', () => {
  const cookie = createCookie('tintype_session', createOwnAddress(undefined))
  const isSecure = (host: string, headers = {}) =>
    cookie.set({ headers: { host, ...headers }, isEncrypted: false }, 'x', 60).endsWith('; Secure')
  const navigated = { 'sec-fetch-site': 'none' }
  for (const host of [
    'photos.example',
    'localhost.example',
    'localhosting.example:8443',
    '127.photos.example',
    '127.0.0.1.nip.example',
  ])
    assert.deepEqual([isSecure(host, navigated), isSecure(host)], [true, false], host)
  for (const host of [
    'localhost',
    'LOCALHOST:3000',
    'photos.localhost:3000',
    '127.0.0.1:3000',
    '127.1',
    '[::1]:3000',
  ])
    assert.equal(isSecure(host, navigated), false, host)
})
