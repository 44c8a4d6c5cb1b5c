// The limit: the request's body as it is, unparsed and unchecked, into one unsigned PUT. No server that passes
// bytes through Node can cost less. With `--hash` it looks at them as far as the promises ask of us: SHA-256 of the
// whole, and the CRC32 by which S3 verifies what it got.
import { createHash, randomUUID } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import { crc32 } from 'node:zlib'
import { listen } from './listen.mjs'

const hashing = process.argv.includes('--hash')
const agent = new Agent({ keepAlive: true })
const { AWS_ENDPOINT_URL_S3: endpoint, S3_BUCKET: bucket } = process.env

listen(
  createServer((req, res) => {
    if (req.url === '/healthz') return res.end('ok')
    const headers = { 'content-length': req.headers['content-length'] }
    const put = request(`${endpoint}/${bucket}/${randomUUID()}`, { method: 'PUT', agent, headers })
    put.on('response', (answer) => {
      answer.resume()
      answer.on('end', () => res.writeHead(answer.statusCode === 200 ? 201 : 502).end())
    })
    put.on('error', () => res.destroy())
    req.on('close', () => req.complete || put.destroy())
    if (hashing) hash(req)
    req.pipe(put)
  }),
)

function hash(req) {
  const sha256 = createHash('sha256')
  let checksum = 0
  req.on('data', (chunk) => {
    sha256.update(chunk)
    checksum = crc32(chunk, checksum)
  })
  req.on('end', () => sha256.digest('hex') + checksum)
}
