// An app on node:http, against the packed packages: no Express, no types of it, no client, the embedded S3.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTintype, type Media, type Tintype } from 'tintype'

const tintype: Tintype = await createTintype({
  authenticate: () => 'me',
  log: { info() {}, warn() {}, error() {} },
})
const server = createServer((req, res) => tintype.node(req, res)).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const form = new FormData()
form.append('file', new File([gif], 'dot.gif'))
const answer = await fetch(`http://127.0.0.1:${port}/media`, { method: 'POST', body: form })
assert.equal(answer.status, 201)
const [media] = ((await answer.json()) as { media: Media[] }).media
assert(media)
assert.equal(media.type, 'image/gif')
const seen = await fetch(`http://127.0.0.1:${port}/media/${media.id}/original`)
assert.deepEqual(Buffer.from(await seen.arrayBuffer()), gif)

server.close()
await tintype.close()
