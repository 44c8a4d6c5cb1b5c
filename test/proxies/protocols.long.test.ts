import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { largeVideo } from '../media/videos.ts'
import { openRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { freePort, missing, type RunningProxy, startCaddy, startNginx } from './programs.ts'

const token = 'correct horse battery staple'
const own = { Authorization: `Bearer ${token}` }
const mebibyte = 1024 ** 2
const nginx = (more: string) => (port: number, to: number) =>
  startNginx(`server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${to};
    proxy_set_header Host $http_host; client_max_body_size 0; ${more} } }`)

/** What docs/protocols.md says of each: whether a 104 comes through, and whether what came before a break is kept. */
const proxies: {
  name: string
  program: string[]
  start(port: number, to: number): Promise<RunningProxy>
  passes104: boolean
  keeps: boolean
}[] = [
  {
    name: 'nginx with proxy_pass alone',
    program: ['nginx', 'openssl'],
    start: nginx(''),
    passes104: false,
    keeps: false,
  },
  {
    name: 'nginx as docs/proxies.md has it',
    program: ['nginx', 'openssl'],
    start: nginx(
      'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off; proxy_set_header Upload-Draft-Interop-Version "";',
    ),
    passes104: false,
    keeps: true,
  },
  {
    name: 'Caddy',
    program: ['caddy'],
    start: (port, to) =>
      startCaddy(`http://localhost:${port} {\n\treverse_proxy 127.0.0.1:${to}\n}\n`, {
        https: port + 1,
        http: port,
      }),
    passes104: true,
    keeps: true,
  },
]

describe('resumable uploads through proxies', () => {
  let server: TestServer
  let video: Buffer

  before(async () => {
    server = await startServer({ MAX_VIDEO_BYTES: '20MB', TINTYPE_TOKEN: token })
    video = await largeVideo(8 * mebibyte)
  })
  after(() => server.stop())

  for (const { name, program, start, passes104, keeps } of proxies)
    test(name, { skip: missing(...program) }, async () => {
      const port = await freePort()
      await using _proxy = await start(port, server.port)
      const url = `http://localhost:${port}`
      const head = (method: string, path: string, fields: Record<string, string | number>) =>
        [
          `${method} ${path} HTTP/1.1`,
          `Host: localhost:${port}`,
          ...Object.entries({ ...own, ...fields }).map(([k, v]) => `${k}: ${v}`),
          '',
          '',
        ].join('\r\n')
      const version = { 'Upload-Draft-Interop-Version': 8 }

      // Whole, in one request that could be gone on with: every proxy has to carry that.
      const whole = openRaw(url)
      whole.socket.write(
        head('POST', '/api/media', { ...version, 'Upload-Complete': '?1', 'Content-Length': video.length }),
      )
      whole.socket.write(video)
      const statuses = [(await whole.next()).status]
      while (statuses.at(-1) === 104) statuses.push((await whole.next()).status)
      whole.socket.destroy()
      assert.equal(statuses.at(-1), 201)
      assert.equal(statuses.includes(104), passes104)

      // One that breaks off in the middle.
      const begun = await fetch(`${url}/api/files`, {
        method: 'POST',
        headers: { ...own, 'Upload-Complete': '?0', 'Upload-Length': String(video.length) },
      })
      const path = new URL(begun.headers.get('location') as string).pathname
      const broken = openRaw(url)
      broken.socket.write(
        head('PATCH', path, {
          'Upload-Complete': '?1',
          'Upload-Offset': 0,
          'Content-Type': 'application/partial-upload',
          'Content-Length': video.length,
        }),
      )
      broken.socket.write(video.subarray(0, 6 * mebibyte))
      await until(() => broken.socket.writableLength === 0)
      broken.socket.destroy()
      const asked = await fetch(`${url}${path}`, { method: 'HEAD', headers: own })
      const offset = Number(asked.headers.get('upload-offset'))
      assert.equal(offset > 0, keeps)
      const done = await fetch(`${url}${path}`, {
        method: 'PATCH',
        headers: {
          ...own,
          'Upload-Complete': '?1',
          'Upload-Offset': String(offset),
          'Content-Type': 'application/partial-upload',
        },
        body: new Uint8Array(video.subarray(offset)),
      })
      assert.equal(done.status, 201)
    })
})
