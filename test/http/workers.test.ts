// In a process of its own: it looks for the processes that it has started, and stops or kills one.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { childPids, skipWithoutProc } from '../support/children.ts'
import { begin, complete, send } from '../support/direct.ts'
import { startServer, type TestServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

/** Work for a child process ends with its request, and one that is held up holds up nobody for long. */
describe('work in child processes', { skip: skipWithoutProc }, () => {
  let server: TestServer
  const jpegs = new Map<string, Uint8Array>()
  before(async () => {
    // So little that there is one decoder.
    server = await startServer({ MEMORY_BUDGET: String(256 * 1024 * 1024) })
    for (const name of ['slow', 'next', 'other']) jpegs.set(name, await photo({ width: 640, height: 480 }))
    assert.equal((await upload(server.url, { bytes: jpegs.get('slow') as Uint8Array })).status, 201)
  })
  after(() => server.stop())

  const bytes = (name: string) => jpegs.get(name) as Uint8Array
  const waiting = () => metric('tintype_files_waiting{of="pictures"}')
  const memory = () => metric('tintype_upload_memory_bytes{of="used"}')

  async function metric(name: string): Promise<number> {
    const lines = (await (await fetch(`${server.url}/metrics`)).text()).split('\n')
    return Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1])
  }

  /** The machine gives the decoder no time. @returns its process id */
  function stopDecoder(): number {
    const [pid] = childPids('variants/worker')
    process.kill(pid as number, 'SIGSTOP')
    return pid as number
  }

  /** A whole form, from a client that can go away. */
  function sendForm(file: Uint8Array) {
    const head = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    const body = Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--B--\r\n')])
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B', 'Content-Length': body.length }
    const outgoing = request(`${server.url}/api/media`, { method: 'POST', headers })
    outgoing.on('error', () => {})
    outgoing.end(body)
    return outgoing
  }

  test('ends with its request: what waits leaves the line, what is under way gives its turn up', async () => {
    stopDecoder()
    const slow = sendForm(bytes('slow'))
    await until(memory, (seen) => seen > 0)
    const waits = sendForm(bytes('next'))
    await until(waiting, (seen) => seen === 1)
    waits.destroy()
    await until(waiting, (seen) => seen === 0)
    const next = upload(server.url, { bytes: bytes('next') })
    await until(waiting, (seen) => seen === 1)
    slow.destroy()
    assert.equal((await next).status, 201)
    await until(memory, (bytes) => bytes === 0)
  })

  test('waits in the same line for forms and direct uploads, and goes on when the machine has time again', async () => {
    const session = await begin(server.url, bytes('other'))
    assert.ok(session.put && (await send(session.put, bytes('other'))).ok)
    const pid = stopDecoder()
    const slow = upload(server.url, { bytes: bytes('slow') })
    await until(memory, (seen) => seen > 0)
    const completed = complete(server.url, session)
    await until(waiting, (seen) => seen === 1)
    process.kill(pid, 'SIGCONT')
    assert.deepEqual([(await slow).status, (await completed).status], [201, 201])
    assert.deepEqual([await waiting(), await memory()], [0, 0])
  })

  test('of one form takes one turn at a time, and none any more when a file of it is refused', async () => {
    // Only a decoder sees it.
    const damaged = Buffer.from(bytes('slow'))
    damaged.fill(0, damaged.length >> 1, damaged.length - 2)
    const pid = stopDecoder()
    const first = upload(server.url, { bytes: bytes('slow') })
    await until(memory, (seen) => seen > 0)
    const form = upload(
      server.url,
      [damaged, bytes('next'), bytes('other')].map((one) => ({ bytes: one })),
    )
    await until(waiting, (seen) => seen > 0)
    assert.equal(await waiting(), 1)
    process.kill(pid, 'SIGCONT')
    assert.deepEqual([(await first).status, (await form).status], [201, 422])
    assert.deepEqual([await waiting(), await memory()], [0, 0])
  })
})
