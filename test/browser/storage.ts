import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CreateBucketCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3'
import { appPolicy } from '../../packages/tintype/src/bucket/policy.ts'
import { startS3Process } from '../support/process.ts'

/** What happened to one PUT that a browser sent. */
export interface SeenPut {
  /** 0: not a part, but the whole object. */
  part: number
  /** S3's upload, or the key of a whole object. */
  upload: string
  bytes: number
  status: number
  /** The answer has gone out to the browser. */
  acknowledged: boolean
  /** It has, or never will. */
  answered: boolean
}

/**
 * An S3 server as a process of its own, on another origin than the app. Browsers reach it through a door that
 * counts, holds answers back, and can be shut as a lost network is.
 */
export interface TestStorage extends AsyncDisposable {
  /** Environment of a server that keeps its objects here. */
  env: Record<string, string>
  seen: SeenPut[]
  /** How many PUTs were ever under way at once. */
  most: number
  /** Lets so many more PUTs through and holds those after them; resolves when they are answered and one is held. */
  holdAfter(puts: number): Promise<void>
  /** Lets go of what is held, and holds nothing more. */
  release(): void
  /** Cuts every connection and lets none in. */
  cut(): void
  restore(): void
}

const key = { accessKeyId: 'app', secretAccessKey: 'secret' }
const admin = { accessKeyId: 'admin', secretAccessKey: 'admin-secret' }

export async function startStorage(): Promise<TestStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-storage-'))
  const identities = join(directory, 'identities.json')
  await writeFile(
    identities,
    JSON.stringify([{ ...key, policy: appPolicy('photos', { multipart: true }) }, admin]),
  )
  const s3 = await startS3Process({ directory: join(directory, 's3'), identities })
  await prepare(s3.url)

  const seen: SeenPut[] = []
  const sockets = new Set<Socket>()
  const held = new Map<SeenPut, () => void>()
  let free = Number.POSITIVE_INFINITY
  let isHeld = Promise.withResolvers<void>()
  let down = false
  let open = 0
  let most = 0
  const { hostname, port } = new URL(s3.url)

  /** Waits until it may go on. */
  const pass = async (one: SeenPut) => {
    if (free-- > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    held.set(one, resolve)
    settle()
    await promise
  }
  const settle = () => {
    if (held.size > 0 && seen.every((one) => one.answered || held.has(one))) isHeld.resolve()
  }
  const door = createServer(async (req, res) => {
    res.on('error', () => {})
    const isPut = req.method === 'PUT'
    const one = isPut ? note(req.url ?? '', Number(req.headers['content-length'])) : undefined
    if (one) {
      seen.push(one)
      most = Math.max(most, ++open)
      res.once('close', () => open--)
    }
    if (one) await pass(one)
    const onward = request({ hostname, port, method: req.method, path: req.url, headers: req.headers })
    try {
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        onward.on('response', resolve).on('error', reject)
      })
      // S3 may refuse before it has read all.
      pipeline(req, onward).catch(() => onward.destroy())
      const answer = await answered
      if (one) one.status = answer.statusCode ?? 0
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      await pipeline(answer, res)
      if (one) one.acknowledged = answer.statusCode === 200
      if (!req.complete) req.socket.destroySoon()
    } catch {
      onward.destroy()
      res.destroy()
    } finally {
      if (one) one.answered = true
      settle()
    }
  })
  door.on('connection', (socket) => {
    if (down) return socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const release = () => {
    free = Number.POSITIVE_INFINITY
    const all = [...held.values()]
    held.clear()
    for (const go of all) go()
  }

  return {
    env: {
      S3_BUCKET: 'photos',
      S3_ENDPOINT: s3.url,
      S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
    seen,
    get most() {
      return most
    },
    holdAfter(puts) {
      free = puts
      isHeld = Promise.withResolvers()
      return isHeld.promise
    },
    release,
    cut() {
      down = true
      for (const socket of sockets) socket.destroy()
      release()
    },
    restore() {
      down = false
    },
    async [Symbol.asyncDispose]() {
      release()
      door.closeAllConnections()
      await new Promise((resolve) => door.close(resolve))
      await s3.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** No part that the storage has acknowledged was sent again. */
export function assertOnce(seen: readonly SeenPut[]): void {
  const had = new Set<number>()
  for (const { part, acknowledged } of seen) {
    assert(!had.has(part), `part ${part} was sent again`)
    if (acknowledged) had.add(part)
  }
}

function note(url: string, bytes: number): SeenPut {
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const part = Number(searchParams.get('partNumber') ?? 0)
  const upload = searchParams.get('uploadId') ?? pathname
  return { part, upload, bytes, status: 0, acknowledged: false, answered: false }
}

/** The bucket, with what `docs/direct-uploads.md` asks of a bucket; any port, because each test's server has its own. */
async function prepare(endpoint: string): Promise<void> {
  const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1', credentials: admin })
  const rule = {
    AllowedOrigins: ['http://localhost:*', 'http://photos.test:*'],
    AllowedMethods: ['GET', 'HEAD', 'PUT'],
    AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
    ExposeHeaders: ['ETag', 'x-amz-checksum-sha256'],
    MaxAgeSeconds: 3000,
  }
  await client.send(new CreateBucketCommand({ Bucket: 'photos' }))
  await client.send(new PutBucketCorsCommand({ Bucket: 'photos', CORSConfiguration: { CORSRules: [rule] } }))
  client.destroy()
}
