import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { freePort } from '../proxies/programs.ts'
import { until } from '../support/until.ts'
import { only, stages } from './dockerfile.ts'
import { buildWithoutDocker, bytesBelow, own, without } from './without-docker.ts'

/**
 * The base image without Node: the files of Debian's libc6, libssl3, libstdc++6, libgcc-s1, libgomp1, tzdata,
 * ca-certificates, netbase and base-files, 24.7 MB unpacked. Node is counted as it lies here.
 */
const baseWithoutNode = 24_700_000
const most = 250_000_000

describe('the image, built by the steps of the Dockerfile without Docker', () => {
  const all = stages()
  const image = all.at(-1) ?? assert.fail()
  const token = 'a token of more than 16 characters'
  let built: Awaited<ReturnType<typeof buildWithoutDocker>>
  let port = 0
  const inside = (path: string) => path.replace(/^\/(nodejs|app|data)\b/, `${built.folder}/$1`)

  before(async () => {
    built = await buildWithoutDocker(all)
    port = await freePort()
  })
  after(() => built?.remove())

  /** What the image's ENV says, and what a person adds. */
  function environment(): Record<string, string> {
    const own = only(image, 'ENV').words.map((word) => word.split('=') as [string, string])
    const env: Record<string, string> = {
      PATH: '/usr/bin:/bin',
      ...Object.fromEntries(own),
      PORT: String(port),
      TINTYPE_TOKEN: token,
    }
    return { ...env, TINTYPE_DATA: inside(env.TINTYPE_DATA ?? '') }
  }
  const start = (command: string[]) => {
    const [program = '', ...args] = without(command.map(inside))
    return spawn(program, args, {
      cwd: inside(only(image, 'WORKDIR').rest),
      env: environment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }

  test('is smaller than 250 MB, unpacked', async () => {
    const bytes = baseWithoutNode + (await bytesBelow(built.folder))
    console.log(`The image has ${Math.round(bytes / 1e6)} MB, unpacked.`)
    assert.ok(bytes < most, `${bytes} bytes`)
  })

  test('has our packages as they go to npm, and no dependency for development', async () => {
    const modules = join(built.folder, 'app/node_modules')
    const packages = await readdir(join(modules, '@tintype'))
    assert.deepEqual(packages.sort(), ['aws', 'client', 'gallery', 'local-s3', 'protocol', 'server'])
    assert.ok((await readdir(join(modules, 'tintype/dist'))).includes('tintype.js'))
    const installed = await readdir(modules)
    for (const name of ['typescript', 'vite', '@biomejs', 'playwright-core'])
      assert.ok(!installed.includes(name), name)
  })

  test('serves from a tree that it can not write to, is healthy, takes a photo, and ends by SIGTERM with 0', async () => {
    const data = join(built.folder, 'data')
    await mkdir(data, { recursive: true })
    own(data)
    spawnSync('chmod', ['-R', 'a-w', join(built.folder, 'app')])
    const health = only(image, 'HEALTHCHECK').rest.replace(/^CMD /, '')
    const isHealthy = async () => (await endOf(start(JSON.parse(health)))) === 0
    assert.equal(await isHealthy(), false, 'before it listens')

    const server = start([...only(image, 'ENTRYPOINT').words, ...only(image, 'CMD').words])
    const ended = endOf(server)
    try {
      const url = `http://127.0.0.1:${port}`
      await until(
        () =>
          fetch(`${url}/readyz`).then(
            ({ ok }) => ok || server.exitCode !== null,
            () => server.exitCode !== null,
          ),
        Boolean,
        { every: 50 },
      )
      assert.equal(await isHealthy(), true)
      const body = new FormData()
      body.append('file', new Blob([Uint8Array.from(await photo())]), 'photo.jpg')
      const headers = { Authorization: `Bearer ${token}` }
      const posted = await fetch(`${url}/api/media`, { method: 'POST', body, headers })
      assert.equal(posted.status, 201)
      const { media } = (await posted.json()) as { media: { urls: { thumb: string } }[] }
      const thumb = await fetch(new URL(media[0]?.urls.thumb ?? '', url))
      assert.equal(thumb.headers.get('content-type'), 'image/webp')
    } finally {
      server.kill('SIGTERM')
    }
    assert.equal(await ended, 0)
  })
})

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}
