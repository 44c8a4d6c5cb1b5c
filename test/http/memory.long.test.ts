import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { photo } from '../media/photos.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { upload } from '../support/server.ts'
import { until } from '../support/until.ts'

const mebibyte = 1024 * 1024
const budget = 256 * mebibyte
/** What a process may take beside its budget. */
const slack = 64 * mebibyte

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

describe('memory', { skip }, () => {
  let directory: string
  let server: ServerProcess
  let jpeg: Buffer
  let large: Buffer
  /** With the decoder. */
  let idle: number

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-memory-'))
    server = await startProcess({
      TINTYPE_DATA: directory,
      MEMORY_BUDGET: String(budget),
      STALL_TIMEOUT: '2',
    })
    jpeg = await photo()
    large = Buffer.concat([jpeg, Buffer.alloc(20 * mebibyte)])
    for (let i = 0; i < 5; i++) assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
    idle = residentOf(pid())
  })
  after(async () => {
    await server.kill()
    await rm(directory, { recursive: true })
  })

  const pid = () => server.child.pid as number

  test('T6 many large photos at once stay inside the budget: each is 201, 408 or 503', async () => {
    const peak = watch(pid())
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(large.length).answered))
    assert.ok(peak() - idle <= budget + slack, `${megabytes(peak() - idle)} over idle`)
    assert.deepEqual(strange(answers), [])
    assert.ok(answers.includes(201))
  })

  test('T6 clients that announce a large photo and stall are 408 or 503, while others are served', async () => {
    const peak = watch(pid())
    const clients = Array.from({ length: 400 }, () => stall())
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    const answers = await Promise.all(clients.map((client) => client.answered))
    assert.ok(peak() - idle <= budget + slack, `${megabytes(peak() - idle)} over idle`)
    assert.deepEqual(strange(answers), [])
    assert.ok(answers.includes(408) && answers.includes(503))
    for (const client of clients) client.socket.destroy()
    assert.equal((await upload(server.url, { bytes: jpeg })).status, 201)
  })

  test('T3 after each round that vanished midway, sockets are back, and nothing piles up', async () => {
    const open = descriptorsOf(pid())
    /** What malloc has taken stays with it, up to the most that was needed at once (decision 70). */
    let afterFirst = 0
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 400 }, () => stall())
      await Promise.all(clients.map((client) => client.sent))
      for (const client of clients) client.socket.destroy()
      await until(
        () => descriptorsOf(pid()),
        (count) => count <= open,
        { every: 20 },
      )
      assert.equal((await upload(server.url, { bytes: large })).status, 201)
      // The server's own: a decoder has what it has, is replaced above 112 MiB and ends after a minute without work.
      afterFirst ||= ownOf(pid())
      await until(
        () => ownOf(pid()),
        (own) => own <= afterFirst + slack,
      )
    }
  })

  const stall = () => send(64 * 1024)

  /** Announces the large photo, sends this many bytes of it and then nothing more. */
  function send(bytes: number): { socket: Socket; sent: Promise<void>; answered: Promise<number> } {
    const { hostname, port, host } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    const sent = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<number>()
    const before = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    const behind = '\r\n--x--\r\n'
    const head =
      `POST /api/media HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=x\r\n` +
      `Content-Length: ${before.length + large.length + behind.length}\r\n\r\n`
    socket.write(head + before)
    socket.write(large.subarray(0, bytes), () => sent.resolve())
    if (bytes === large.length) socket.write(behind)
    socket.once('data', (answer) => answered.resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(String(answer))?.[1])))
    socket.once('close', () => answered.resolve(0))
    socket.on('error', () => {})
    return { socket, sent: sent.promise, answered: answered.promise }
  }
})

function strange(answers: number[]): number[] {
  return answers.filter((status) => ![201, 408, 503].includes(status))
}

/** The most that the process and its children have had together since. */
function watch(pid: number): () => number {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, residentOf(pid))
  }
  const timer = setInterval(look, 20)
  timer.unref()
  return () => {
    look()
    clearInterval(timer)
    return peak
  }
}

function residentOf(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + residentOf(child), ownOf(pid))
}

function ownOf(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(statusOf(pid))?.[1] ?? 0) * 1024
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
    return lists.join(' ').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MB`
}
