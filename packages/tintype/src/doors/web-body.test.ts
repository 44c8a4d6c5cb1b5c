import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { WebBody } from './web-body.ts'

const requestOf = (chunks: unknown[]) => ({
  body: new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as Uint8Array<ArrayBuffer>)
      controller.close()
    },
  }),
  bodyUsed: false,
})
const bytes = (of: string) => new TextEncoder().encode(of)

test('a body is read to its end, whatever its chunks are', async () => {
  const chunks = [bytes(''), bytes('abc'), bytes(''), bytes(''), bytes('xyz').subarray(1), Buffer.from('!')]
  assert.equal(await text(new WebBody(requestOf(chunks))), 'abcyz!')
})

test('a body of something else than bytes fails alone, and not the process with it', async () => {
  for (const chunk of ['text', null, undefined, 5, {}]) {
    await assert.rejects(text(new WebBody(requestOf([bytes('abc'), chunk]))), Error, String(chunk))
  }
})
