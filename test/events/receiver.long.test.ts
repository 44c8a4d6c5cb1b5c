import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { photo } from '../media/photos.ts'
import { repository, startProcess } from '../support/process.ts'
import { webhookSecret } from '../support/receiver.ts'
import { mediaOf, upload } from '../support/server.ts'
import { until } from '../support/until.ts'

/** The receiver of docs/events.md, as it stands there. */
const [, code = ''] =
  /```js\n(import express.*?)```/s.exec(readFileSync(join(repository, 'docs/events.md'), 'utf8')) ?? []

async function startReceiver(port: number, lines: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: repository,
    env: { PORT: String(port), WEBHOOK_SECRET: webhookSecret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  await once(output, 'line')
  output.on('line', (line) => lines.push(line))
  return child
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test('what happens while the receiver is down, and before the server is killed, arrives when both are back, in order', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-webhook-'))
  const port = await freePort()
  const env = {
    TINTYPE_DATA: directory,
    WEBHOOK_URL: `http://127.0.0.1:${port}/hooks`,
    WEBHOOK_SECRET: webhookSecret,
  }
  const lines: string[] = []
  /** At least once: what the receiver had said when it was killed may have got no answer. */
  const told = (id: string) => [
    ...new Set(lines.filter((line) => line.endsWith(id)).map((line) => line.split(' ')[0])),
  ]
  let server = await startProcess(env)
  let receiver: ChildProcess | undefined
  try {
    const first = await mediaOf(await upload(server.url, { bytes: await photo() }))
    await server.event('outbox.postponed')
    await server.kill()

    receiver = await startReceiver(port, lines)
    server = await startProcess(env)
    await until(() => told(first.id).length > 0)

    receiver.kill('SIGKILL')
    await once(receiver, 'exit')
    const second = await mediaOf(await upload(server.url, { bytes: await photo() }))
    const failed = server.event('outbox.postponed')
    assert.equal((await fetch(`${server.url}/api/media/${first.id}`, { method: 'DELETE' })).status, 204)
    await failed
    receiver = await startReceiver(port, lines)
    await until(() => told(first.id).length > 1 && told(second.id).length > 0)
    assert.deepEqual(told(first.id), ['media.ready', 'media.removed'])
    assert.deepEqual(told(second.id), ['media.ready'])
  } finally {
    await server.kill()
    receiver?.kill('SIGKILL')
    await rm(directory, { recursive: true })
  }
})
