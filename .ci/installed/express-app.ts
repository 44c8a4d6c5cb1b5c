// Runs and type-checks against the packed packages, as an app would use them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { upload } from '@tintype/client'
import express from 'express'
import { createTintype } from 'tintype'

const tintype = await createTintype({ authenticate: 'this-machine' })
const app = express()
app.use('/api', tintype.router)
app.post('/posts', tintype.upload('photo'), (req, res) => void res.json(req.media?.[0]?.type))
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const media = await upload(new File([gif], 'dot.gif'), { endpoint: `${endpoint}/api` })
assert.equal(media.type, 'image/gif')
const form = new FormData()
form.append('photo', new File([gif], 'dot.gif'))
const posted = await fetch(`${endpoint}/posts`, { method: 'POST', body: form })
assert.equal(await posted.json(), 'image/gif')

server.close()
await tintype.close()
console.log('The packed packages install, type-check and run.')
