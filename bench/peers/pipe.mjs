// The limit: the request's body as it is, unparsed and unchecked, into one unsigned PUT. No server that passes
// bytes through Node can cost less.
import { randomUUID } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import { listen } from './listen.mjs'

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
    req.pipe(put)
  }),
)
