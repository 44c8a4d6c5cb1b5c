import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather } from './gather.ts'

test('T6 what comes byte by byte takes at most twice its bytes', () => {
  const gathered = gather()
  const sent = Buffer.from('né 🌍'.repeat(5_000))
  for (const byte of sent) gathered.add(Buffer.of(byte))
  const bytes = gathered.bytes()
  assert.ok(bytes.equals(sent))
  assert.ok(bytes.buffer.byteLength <= 2 * sent.length)
})

test('pieces of any size, and none', () => {
  assert.equal(gather().bytes().length, 0)
  const gathered = gather()
  for (const piece of ['', 'a', '', 'b'.repeat(10_000), 'c']) gathered.add(Buffer.from(piece))
  assert.equal(gathered.bytes().toString(), `a${'b'.repeat(10_000)}c`)
})
