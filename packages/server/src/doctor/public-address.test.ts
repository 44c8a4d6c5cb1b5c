import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Finding } from '../../../tintype/src/bucket/finding.ts'
import { parseConfig } from '../config.ts'
import { serve } from '../serve.ts'
import { publicAddress, throughProxy } from './public-address.ts'

const token = { TINTYPE_TOKEN: 'a token of 16 letters' }

describe('the public address', () => {
  for (const [what, env, verdict, remedy] of [
    ['this machine alone', {}, undefined, /^$/],
    ['https', { PUBLIC_URL: 'https://photos.example', ...token }, 'ok', /^$/],
    ['every name of this machine', { HOST: '0.0.0.0', ...token }, 'warned', /PUBLIC_URL/],
    ['an address without TLS', { PUBLIC_URL: 'http://photos.example', ...token }, 'warned', /TLS/],
    ['everybody, without a token', { PUBLIC_URL: 'https://photos.example' }, 'warned', /TINTYPE_TOKEN/],
  ] as const) {
    test(`${what}: ${verdict ?? 'nothing to say'}`, () => {
      const finding = publicAddress(parseConfig(env))
      assert.equal(finding?.verdict, verdict)
      assert.match(finding?.remedy ?? '', remedy)
    })
  }
})

describe('from the public address to the server', () => {
  test('all is well behind a proxy that passes everything on', async () => {
    await behind(
      (port) => (req, res) => pass(port, req, res),
      (found) =>
        assert.deepEqual(
          found.map(({ verdict }) => verdict),
          ['ok', 'ok', 'ok'],
        ),
    )
  })

  test('a limit of a proxy is found, and named as its own', async () => {
    await behind(
      (port) => (req, res) => {
        if (Number(req.headers['content-length'] ?? 0) > 1024 ** 2) {
          req.resume().once('end', () => res.writeHead(413, { 'Content-Type': 'text/html' }).end('<html>'))
        } else pass(port, req, res)
      },
      (found) => {
        const [limit, ...others] = found.filter(({ verdict }) => verdict !== 'ok')
        assert.deepEqual(others, [])
        assert.match(`${limit?.detail} ${limit?.remedy}`, /413.*client_max_body_size/)
      },
    )
  })

  test('another program at the address is found', async () => {
    await behind(
      () => (_req, res) => res.end('Welcome'),
      (found) => {
        assert.deepEqual(
          found.map(({ verdict }) => verdict),
          ['warned'],
        )
        assert.match(found[0]?.remedy ?? '', /proxies\.md/)
      },
    )
  })

  test('an address that leads nowhere is something to look at', async () => {
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const found = await collect(throughProxy(parseConfig({ PUBLIC_URL: `http://127.0.0.1:${port}` })))
    assert.deepEqual(
      found.map(({ verdict, detail }) => [verdict, detail]),
      [['warned', 'ECONNREFUSED']],
    )
  })

  test('an https address where no TLS is spoken says so', async () => {
    const plain = createServer((_req, res) => res.end('Welcome'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as AddressInfo
    const config = parseConfig({ PUBLIC_URL: `https://localhost:${port}`, ...token })
    const [found] = await collect(throughProxy(config))
    plain.close()
    assert.match(`${found?.detail}: ${found?.remedy}`, /^ERR_SSL_\w+: What answers there speaks no TLS/)
  })
})

type Requests = Parameters<RequestListener>

function pass(port: number, req: Requests[0], res: Requests[1]): void {
  const { method, url, headers } = req
  const onward = request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(res)
  })
  onward.on('error', () => res.destroy())
  req.pipe(onward)
}

/** A server behind a proxy of a kind. */
async function behind(proxyTo: (port: number) => RequestListener, check: (found: Finding[]) => void) {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-doctor-'))
  let listener: RequestListener = () => {}
  const proxy = createServer((req, res) => listener(req, res))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const publicUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/photos`
  const config = parseConfig({ PUBLIC_URL: publicUrl, PORT: '0', TINTYPE_DATA: directory, ...token })
  const server = await serve(config, () => {})
  try {
    listener = proxyTo(server.port)
    check(await collect(throughProxy(config)))
  } finally {
    proxy.close()
    proxy.closeAllConnections()
    await server.stop()
    await rm(directory, { recursive: true })
  }
}

async function collect(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const one of findings) found.push(one)
  return found
}
