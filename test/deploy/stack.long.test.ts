import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startLocalS3 } from '@tintype/local-s3'
import type { MediaPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { freePort } from '../proxies/programs.ts'
import { createDatabase, postgresUrl, skipWithoutPostgres } from '../support/postgres.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { mediaOf, upload } from '../support/server.ts'
import { secrets, servicesOf } from './compose.ts'
import { only, stages } from './dockerfile.ts'

/**
 * What Docker Compose would start, by hand, with the environment of the file: only host names and ports are other ones.
 * Postgres is the one of TEST_POSTGRES_URL, and local-s3 stands for Garage, under its bucket, key and region.
 */
test('the services of compose.s3.yaml, by hand: healthy, a photo in and seen, another process on the same data', {
  skip: skipWithoutPostgres,
}, async () => {
  const { tintype, postgres, garage } = servicesOf('compose.s3.yaml', secrets)
  assert.ok(tintype && postgres && garage)
  const directory = await mkdtemp(join(tmpdir(), 'tintype-stack-'))
  const database = await createDatabase()
  const s3 = await startLocalS3({
    directory: join(directory, 's3'),
    identities: [
      {
        name: 'app',
        accessKeyId: garage.environment.GARAGE_DEFAULT_ACCESS_KEY ?? '',
        secretAccessKey: garage.environment.GARAGE_DEFAULT_SECRET_KEY ?? '',
      },
    ],
    buckets: [garage.environment.GARAGE_DEFAULT_BUCKET ?? ''],
    region: 'garage',
    port: 0,
  })
  const port = await freePort()
  const url = `http://localhost:${port}`
  const { host, pathname } = new URL(database.url)
  const given = tintype.environment
  assert.match(given.DATABASE_URL ?? '', /@postgres\/tintype$/)
  assert.equal(given.S3_ENDPOINT, 'http://garage:3900')
  const env = {
    ...given,
    DATABASE_URL: given.DATABASE_URL?.replace('@postgres/tintype', `@${host}${pathname}`) ?? '',
    S3_ENDPOINT: s3.url,
    S3_PUBLIC_ENDPOINT: s3.url.replace('127.0.0.1', 'localhost'),
    TINTYPE_DATA: join(directory, 'data'),
    PORT: String(port),
    PUBLIC_URL: url,
  }
  const headers = { Authorization: `Bearer ${secrets.TINTYPE_TOKEN}` }
  let server: ServerProcess | undefined
  try {
    server = await startProcess(env)
    assert.equal(isHealthy(url), true)
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    assert.equal((await fetch(`${url}/api/media`)).status, 401)
    const media = await mediaOf(await upload(url, { bytes: await photo() }, { headers }))
    assert.ok(media.urls.original.startsWith(`${env.S3_PUBLIC_ENDPOINT}/tintype/`), media.urls.original)
    assert.equal((await fetch(media.urls.original)).status, 200)
    assert.equal(await server.terminate(), 0)
    assert.equal(isHealthy(url), false)

    server = await startProcess(env)
    const { media: list } = (await (await fetch(`${url}/api/media`, { headers })).json()) as MediaPage
    assert.deepEqual(
      list.map(({ id }) => id),
      [media.id],
    )
    assert.equal(await server.terminate(), 0)
  } finally {
    await server?.kill()
    await s3.close()
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  }
})

test('the health check of Postgres is a command that it answers', { skip: skipWithoutPostgres }, (t) => {
  const { postgres } = servicesOf('compose.s3.yaml', secrets)
  const { test: words } = (postgres?.healthcheck ?? assert.fail()) as { test: string[] }
  assert.equal(words[0], 'CMD')
  const [, program = '', ...args] = words
  // Postgres can be another machine's: its client's programs need not be here.
  if (spawnSync(program, ['--version']).error) return t.skip(`${program} is not installed`)
  const { port } = new URL(postgresUrl ?? '')
  execFileSync(program, [...args, `--port=${port}`])
  assert.notEqual(spawnSync(program, [...args, '--port=1']).status, 0)
})

/** By the command of the Dockerfile. */
function isHealthy(url: string): boolean {
  const health = only(stages().at(-1) ?? assert.fail(), 'HEALTHCHECK').rest.replace(/^CMD /, '')
  const [, ...args] = JSON.parse(health) as string[]
  return spawnSync(process.execPath, args, { env: { PORT: new URL(url).port } }).status === 0
}
