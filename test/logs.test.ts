import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import Fastify from 'fastify'
import { createTintype } from 'tintype'

test('the library writes nothing but a warning of what an app could not learn otherwise', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-logs-'))
  const app = `
    import { createTintype } from 'tintype'
    const tintype = await createTintype({ directory: ${JSON.stringify(directory)}, authenticate: (request) => {
      if (request.headers.get('authorization')) throw new Error('no such table: users')
      return null
    }})
    const ask = async (headers) => (await tintype.fetch(new Request('http://a.example/api/media', { headers }))).status
    const answers = [await ask({}), await ask({ authorization: 'me' }), await ask({ authorization: 'me' })]
    await tintype.close()
    process.exitCode = answers.join() === '401,500,500' ? 0 : 1`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', app], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  await rm(directory, { recursive: true })
  assert.equal(status, 0, stderr)
  assert.equal(stdout, '')
  const warnings = stderr.split('\n').filter((line) => line.includes('Warning'))
  assert.deepEqual(
    warnings.map((line) => line.replace(/^\(node:\d+\) /, '')),
    [
      '[request.refused] TintypeWarning: A request was answered with an error: its code, and the error with its causes.',
    ],
  )
  assert.match(stderr, /code: internal\n {2}error: Error: no such table: users\n {4}at /)
})

test('it speaks to the logger of the app: Pino, by which Fastify has it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-logs-'))
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const { log } = Fastify({ logger: { stream } })
  const tintype = await createTintype({ directory, log, authenticate: () => null })
  await tintype.close()
  await rm(directory, { recursive: true })
  const [line] = lines
  assert.deepEqual([line?.level, line?.event, line?.msg], [40, 'storage.embedded', 'storage.embedded'])
  assert.equal(line?.directory, directory)
})
