// The limit of the photo with a thumbnail: sharp and nothing else, in one process. It is given the photo once, by
// PUT /photo; POST /thumbs?count=N then makes that many thumbs of it, as our server makes them.
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { listen } from './listen.mjs'

sharp.cache(false)
sharp.concurrency(1)
let photo

async function thumb() {
  await sharp(photo)
    .autoOrient()
    .resize(320, 320, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 78, effort: 2 })
    .toBuffer()
}

listen(
  createServer(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url, 'http://localhost')
    if (pathname === '/photo') photo = await buffer(req)
    let left = Number(searchParams.get('count') ?? 0)
    const work = async () => {
      while (left-- > 0) await thumb()
    }
    await Promise.all(Array.from({ length: availableParallelism() }, work))
    res.writeHead(201).end()
  }),
)
