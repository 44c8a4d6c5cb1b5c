import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { asUploadError } from './errors.ts'
import { readAll } from './read-file.ts'
import { sha256 } from './sha256.ts'
import { sha256InPieces } from './sha256-pieces.ts'

const expected = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test('both ways give the SHA-256 of every length around a block and a piece', async () => {
  const piece = 1024 ** 2
  for (const size of [
    0,
    1,
    55,
    56,
    63,
    64,
    65,
    119,
    120,
    1000,
    piece - 1,
    piece,
    piece + 1,
    3 * piece + 57,
  ]) {
    const bytes = randomBytes(size)
    const blob = new Blob([bytes])
    assert.equal(await sha256(blob), expected(bytes), `WebCrypto, ${size} bytes`)
    assert.equal(await sha256InPieces(blob), expected(bytes), `in pieces, ${size} bytes`)
  }
})

/** A file on a drive that doesn't answer any more. */
class HangingBlob extends Blob {
  override stream() {
    return new ReadableStream({ type: 'bytes', pull: () => new Promise<void>(() => {}) }) as never
  }
  override arrayBuffer() {
    return new Promise<ArrayBuffer>(() => {})
  }
}

test('a file that hangs is given up after a minute, and said to be unreadable', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const reading = [sha256(new HangingBlob(['abc'])), readAll(new HangingBlob(['abc']))]
  t.mock.timers.tick(61_000)
  for (const result of await Promise.allSettled(reading)) {
    assert(result.status === 'rejected')
    const { code, message } = asUploadError(result.reason)
    assert.equal(code, 'file_unreadable')
    assert.equal(message, 'The file can’t be read in time. Choose it again.')
  }
})
