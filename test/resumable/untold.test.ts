import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Usage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { openRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startServer()
})
after(() => server.stop())

/** HTTP/1.0 carries no interim answer, which would have told it. */
for (const version of ['', 'Upload-Draft-Interop-Version: 8\r\n']) {
  test(`an upload that fails before its address was told is gone: ${version.trim() || 'no version'}`, async () => {
    const jpeg = await photo()
    const { socket, next } = openRaw(server.url)
    const digest = `Content-Digest: sha-256=:${hash('sha256', 'other', 'base64')}:\r\n`
    const about = `${digest}Upload-Complete: ?1\r\n${version}Content-Type: image/jpeg\r\nContent-Length: 300\r\n`
    socket.write(`POST /api/files HTTP/1.0\r\nHost: ${new URL(server.url).host}\r\n${about}\r\n`)
    socket.write(jpeg.subarray(0, 300))
    const { status } = await next()
    socket.destroy()
    const usage = (await (await fetch(`${server.url}/api/usage`)).json()) as Usage
    assert.deepEqual([status, usage.sessions], [400, 0])
  })
}
