import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { photo } from '../media/photos.ts'
import { mediaOf, problemOf, startServer, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

/** A form that has been let in and has begun to come: the rest of it is sent by the function. */
async function begin(url: string, method: string) {
  const bytes = await photo({ width: 800, height: 600 })
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--b--\r\n')])
  const req = request(url, {
    method,
    headers: {
      'Content-Type': 'multipart/form-data; boundary=b',
      'Content-Length': body.length,
      Expect: '100-continue',
    },
  })
  const answered = once(req, 'response') as Promise<[IncomingMessage]>
  req.flushHeaders()
  await once(req, 'continue')
  req.write(body.subarray(0, 10_000))
  return async () => {
    req.end(body.subarray(10_000))
    const [response] = await answered
    response.resume()
    return response.statusCode
  }
}

test('a server that is told to stop finishes the uploads that have begun, and takes no new ones', async () => {
  const server = await startServer()
  const bytes = await photo()
  const { id } = await mediaOf(await upload(server.url, { bytes }))
  const create = await begin(`${server.url}/api/media`, 'POST')
  const replace = await begin(`${server.url}/api/media/${id}`, 'PUT')
  const stopped = server.stop()
  const refused = await until(
    () => upload(server.url, { bytes }),
    ({ status }) => status !== 201,
  )
  assert.deepEqual([refused.status, (await problemOf(refused)).code], [503, 'shutting_down'])
  assert.equal(refused.headers.get('connection'), 'close')
  assert.equal(await create(), 201)
  assert.equal(await replace(), 200)
  await stopped
})
