import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiryOf } from './link.ts'

test('a signed URL says until when it works', () => {
  const url = 'https://b.example/k?X-Amz-Date=20261128T213000Z&X-Amz-Expires=3600&X-Amz-Signature=0'
  assert.equal(expiryOf(url)?.toISOString(), '2026-11-28T22:30:00.000Z')
  for (const other of ['https://b.example/k', '/k?X-Amz-Expires=60', '/k?X-Amz-Date=today&X-Amz-Expires=60'])
    assert.equal(expiryOf(other), null)
})
