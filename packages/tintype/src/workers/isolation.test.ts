import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { photo } from '../../../../test/media/photos.ts'
import { silentLog } from '../log.ts'
import type { Frame } from './frames.ts'
import { type Isolation, isolation, moduleFolders } from './isolation.ts'
import { noRequester } from './queue.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

/** A worker that has been taken over: it tries what it is told, and says what came of it. */
const takenOver = `
  import * as childProcess from 'node:child_process'
  import * as dgram from 'node:dgram'
  import * as fs from 'node:fs'
  import * as net from 'node:net'
  import * as threads from 'node:worker_threads'
  import sharp from ${JSON.stringify(import.meta.resolve('sharp'))}
  import { answerJobs } from ${JSON.stringify(import.meta.resolve('./worker.ts'))}
  const once = (one) => new Promise((resolve, reject) => one.on('error', reject).on('connect', resolve).on('listening', resolve))
  const attempts = {
    read: ({ path }) => fs.readFileSync(path, 'latin1').slice(0, 20),
    write: ({ path }) => fs.writeFileSync(path, 'x'),
    remove: ({ path }) => fs.unlinkSync(path),
    snapshot: ({ path }) => globalThis.gc({ type: 'major-snapshot', filename: path }),
    list: () => fs.readdirSync('/'),
    environment: () => Object.keys(process.env),
    process: () => { const { error } = childProcess.spawnSync('/bin/true'); if (error) throw error },
    thread: () => new threads.Worker('', { eval: true }),
    eval: () => new Function('return 1')(),
    connect: ({ port }) => once(net.connect(port, '127.0.0.1')).then(() => 'connected'),
    listen: () => once(net.createServer().listen(0)).then(() => 'listening'),
    datagram: () => once(dgram.createSocket('udp4').bind(0)).then(() => 'bound'),
    fetch: ({ port }) => fetch('http://127.0.0.1:' + port).then(() => 'fetched'),
    native: ({ path }) => sharp(path).metadata().then(({ width }) => width),
    memory: () => Buffer.alloc(3 * 1024 ** 3, 1).length,
    answer: () => process.pid,
  }
  const before = await attempts.native({ path: PICTURE })
  await answerJobs(async ({ header, body }) => {
    try {
      const done = await attempts[header.what](header)
      return { header: { done: done ?? null, before }, body }
    } catch (error) {
      return { header: { denied: error.cause?.code ?? error.code ?? error.message, before }, body }
    }
  })`

const allowed = await isolation()

interface Outcome {
  done?: unknown
  denied?: string
  before: number
}

describe('a child process that has been taken over', { skip: notLinux() }, () => {
  let directory: string
  let sandbox: Sandbox
  let picture: string
  const server = createServer((socket) => socket.destroy())
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-isolation-'))
    picture = join(directory, 'picture.jpg')
    await writeFile(picture, await photo({ width: 30, height: 20 }))
    await writeFile(join(directory, 'secret'), 'a secret')
    const script = join(directory, 'worker.mjs')
    await writeFile(script, takenOver.replace('PICTURE', JSON.stringify(picture)))
    sandbox = createSandbox({
      log: silentLog,
      script,
      modules: moduleFolders('sharp'),
      addons: true,
      workers: 1,
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  after(async () => {
    await sandbox.close()
    server.close()
    await rm(directory, { recursive: true })
  })

  async function attempt(what: string, details: object = {}): Promise<Outcome | undefined> {
    return sandbox.run({
      frame: { header: { what, ...details }, body: Buffer.alloc(0) },
      requester: noRequester,
      read: (answer: Frame) => answer.header as Outcome,
    })
  }

  async function denied(what: string, details: object, code: RegExp): Promise<void> {
    const outcome = await attempt(what, details)
    assert.match(String(outcome?.denied), code, `${what}: ${JSON.stringify(outcome)}`)
  }

  const port = () => (server.address() as { port: number }).port

  test('reads no file: no system file, no other module’s, no database', async () => {
    for (const path of [
      '/etc/passwd',
      join(directory, 'secret'),
      '/proc/self/environ',
      `/proc/${process.pid}/environ`,
    ]) {
      await denied('read', { path }, /ERR_ACCESS_DENIED|EMFILE/)
    }
    await denied('list', {}, /ERR_ACCESS_DENIED|EMFILE/)
  })

  test('writes and deletes none', async () => {
    await denied('write', { path: join(directory, 'new') }, /ERR_ACCESS_DENIED/)
    await denied('remove', { path: join(directory, 'secret') }, /ERR_ACCESS_DENIED/)
    assert.ok(readdirSync(directory).includes('secret'))
  })

  test('writes no heap snapshot, which V8 does past the permissions of Node', {
    skip: missing('descriptors'),
  }, async () => {
    await attempt('snapshot', { path: join(directory, 'memory.heapsnapshot') })
    assert.ok(!readdirSync(directory).includes('memory.heapsnapshot'))
  })

  test('finds an environment that tells nothing', async () => {
    const { done } = (await attempt('environment')) as Outcome
    // The last one is set by libvips itself.
    const names = ['MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'VIPSHOME']
    assert.deepEqual((done as string[]).sort(), names)
  })

  test('starts no process, no thread and no code out of text', async () => {
    await denied('process', {}, /ERR_ACCESS_DENIED/)
    await denied('thread', {}, /ERR_ACCESS_DENIED/)
    await denied('eval', {}, /Code generation from strings disallowed/)
  })

  test('has no network', { skip: missing('descriptors') }, async () => {
    await denied('connect', { port: port() }, /EMFILE/)
    await denied('fetch', { port: port() }, /EMFILE/)
    await denied('listen', {}, /EMFILE/)
    await denied('datagram', {}, /EMFILE/)
  })

  test('opens nothing by native code either, though it could before it was ready', {
    skip: missing('descriptors'),
  }, async () => {
    const outcome = await attempt('native', { path: picture })
    assert.deepEqual([outcome?.before, outcome?.done], [30, undefined], JSON.stringify(outcome))
  })

  test('gets no more memory than a large picture takes', async () => {
    const outcome = await attempt('memory')
    assert.ok(!outcome || outcome.denied, JSON.stringify(outcome))
  })

  test('holds no descriptor but its own', async () => {
    const pid = Number((await attempt('answer'))?.done)
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    const own = /^(pipe:|socket:|anon_inode:|\/dev\/null$|\/proc\/\d+\/status$)/
    assert.deepEqual(
      open.filter((target) => !own.test(target)),
      [],
    )
    // Three for itself (its input and its answers), the rest of them of pipes within the process.
    assert.ok(open.filter((target) => target.startsWith('socket:')).length <= 2, open.join(' '))
  })

  test('has no privileges, a network and users of its own', {
    skip: missing('privileges') ?? missing('namespaces'),
  }, async () => {
    const pid = Number((await attempt('answer'))?.done)
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    for (const line of [/CapPrm:\s+0+$/m, /CapEff:\s+0+$/m, /NoNewPrivs:\s+1$/m]) assert.match(status, line)
    for (const kind of ['net', 'user']) {
      assert.notEqual(readlinkSync(`/proc/${pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`))
    }
  })

  test('sees all files read-only, so that nothing can be deleted by its path', {
    skip: missing('readOnly'),
  }, async () => {
    const pid = Number((await attempt('answer'))?.done)
    const mounts = readFileSync(`/proc/${pid}/mounts`, 'utf8').trim().split('\n')
    const options = (at: string) => mounts.findLast((line) => line.split(' ')[1] === at)?.split(' ')[3]
    assert.match(String(options('/')), /^ro,/)
    const above = mounts
      .map((line) => line.split(' ')[1] as string)
      .filter((at) => `${directory}/`.startsWith(at))
    const nearest = above.reduce((longest, at) => (at.length > longest.length ? at : longest))
    assert.match(String(options(nearest)), /^ro,/)
  })

  test('does not end by a signal that is meant for the service', async () => {
    const pid = Number((await attempt('answer'))?.done)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal)
    assert.equal((await attempt('answer'))?.done, pid)
  })
})

function notLinux(): string | false {
  return process.platform === 'linux' ? false : 'only Linux has these'
}

function missing(part: keyof Isolation): string | undefined {
  return allowed[part] ? undefined : `this machine does not allow it: ${part}`
}
