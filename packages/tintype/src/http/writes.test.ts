import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey } from './writes.ts'

test('one sender is an IPv4 address, or the first half of an IPv6 address, however it is written', () => {
  for (const [address, key] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ] as const) {
    assert.equal(addressKey(address), key, address)
  }
  assert.equal(addressKey(undefined), '')
})
