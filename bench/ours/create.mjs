/** An app that makes media of what it has in memory: `POST /file` gives it a file, `POST /create` has it made so many times. */
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const tintype = await openTintype()
let file = Buffer.alloc(0)

async function create(count, atOnce) {
  let begun = 0
  const one = async () => {
    while (begun++ < count) await tintype.media.create(file, { owner: 'owner', name: 'photo.jpg' })
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}

listen(
  createServer(async (req, res) => {
    try {
      const { pathname, searchParams } = new URL(req.url, 'http://localhost')
      if (pathname === '/file') file = await buffer(req)
      else await create(Number(searchParams.get('count')), Number(searchParams.get('at-once')))
      res.writeHead(201).end()
    } catch (error) {
      res.writeHead(500).end(String(error))
    }
  }),
)
