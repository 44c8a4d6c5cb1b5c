/**
 * Speed of local-s3 in a process of its own, the client being this one:
 *
 *     node packages/local-s3/bench/throughput.ts [keys to list, 100000]
 *
 * Needs 6 GiB of free disk under os.tmpdir() and about three minutes.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { startLocalS3 } from '../src/index.ts'

const MiB = 2 ** 20
const Bucket = 'bench'
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' }

if (process.send) await serve(process.argv[2] ?? '')
else await main(Number(process.argv[2] ?? 100_000))

async function serve(directory: string): Promise<void> {
  const s3 = await startLocalS3({ directory, identities: [credentials], buckets: [Bucket] })
  process.send?.(s3.url)
  await once(process, 'disconnect')
  await s3.close()
}

async function main(keys: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'local-s3-bench-'))
  const server = fork(import.meta.filename, [directory])
  const [endpoint] = (await once(server, 'message')) as [string]
  const s3 = new S3Client({
    endpoint,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const agent = new Agent({ keepAlive: true })
  try {
    console.log(`Node ${process.version}, ${availableParallelism()} cores\n`)
    await largeObjects(s3, agent)
    await heads(s3, agent)
    await complete(s3)
    await listing(s3, agent, keys)
  } finally {
    agent.destroy()
    s3.destroy()
    server.disconnect()
    await once(server, 'exit')
    await rm(directory, { recursive: true })
  }
}

/** One presigned PUT and GET of 256 MiB each, five times; the best, as other work disturbs. */
async function largeObjects(s3: S3Client, agent: Agent): Promise<void> {
  const object = { Bucket, Key: 'large' }
  const chunk = Buffer.alloc(MiB, 'local-s3')
  const size = 256
  const put = await getSignedUrl(s3, new PutObjectCommand(object))
  const get = await getSignedUrl(s3, new GetObjectCommand(object))
  const best = async (run: () => Promise<void>) => {
    const times = []
    for (let round = 0; round < 5; round++) times.push(await seconds(run))
    return Math.min(...times)
  }
  const putTime = await best(() => send(agent, 'PUT', put, { chunk, times: size }))
  const getTime = await best(() => send(agent, 'GET', get))
  print('presigned PUT of 256 MiB', size / putTime, 'MiB/s')
  print('presigned GET of 256 MiB', size / getTime, 'MiB/s')
}

async function heads(s3: S3Client, agent: Agent): Promise<void> {
  const head = await getSignedUrl(s3, new HeadObjectCommand({ Bucket, Key: 'large' }))
  const count = 5000
  const time = await seconds(() => concurrently(16, count, () => send(agent, 'HEAD', head)))
  print('presigned HEAD, 16 at a time', count / time, '/s')
}

async function complete(s3: S3Client): Promise<void> {
  const source = { Bucket, Key: 'part' }
  await s3.send(new PutObjectCommand({ ...source, Body: Buffer.alloc(5 * MiB) }))
  const target = { Bucket, Key: 'multipart' }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target))
  const Parts: { PartNumber: number; ETag: string | undefined }[] = []
  await concurrently(4, 1000, async (index) => {
    const PartNumber = index + 1
    const copy = { ...target, UploadId, PartNumber, CopySource: `${Bucket}/part` }
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(copy))
    Parts[index] = { PartNumber, ETag: CopyPartResult?.ETag }
  })
  const time = await seconds(async () => {
    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }))
  })
  print('CompleteMultipartUpload of 1,000 parts', time * 1000, 'ms')
}

/** The first and the last tenth of the pages are to take the same time. */
async function listing(s3: S3Client, agent: Agent, keys: number): Promise<void> {
  const putTime = await seconds(() =>
    concurrently(16, keys, async (index) => {
      const Key = `list/${String(index).padStart(7, '0')}`
      await send(agent, 'PUT', await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key })))
    }),
  )
  print('presigned PUT of 0 bytes, 16 at a time', keys / putTime, '/s')
  const times: number[] = []
  let ContinuationToken: string | undefined
  do {
    times.push(
      await seconds(async () => {
        const token = ContinuationToken === undefined ? {} : { ContinuationToken }
        const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', ...token }))
        ContinuationToken = page.NextContinuationToken
      }),
    )
  } while (ContinuationToken !== undefined)
  const tenth = Math.ceil(times.length / 10)
  const mean = (some: number[]) => (some.reduce((sum, time) => sum + time, 0) / some.length) * 1000
  print(`listing ${keys} keys, ${times.length} pages: first tenth`, mean(times.slice(0, tenth)), 'ms/page')
  print(`listing ${keys} keys, ${times.length} pages: last tenth`, mean(times.slice(-tenth)), 'ms/page')
}

/** Sends a request, its body being a chunk so many times over; reads the answer to its end. */
async function send(
  agent: Agent,
  method: string,
  url: string,
  body?: { chunk: Buffer; times: number },
): Promise<void> {
  const headers = { 'content-length': body ? body.chunk.length * body.times : 0 }
  const req = request(url, { method, agent, ...(method === 'PUT' && { headers }) })
  const answered = once(req, 'response')
  for (let sent = 0; sent < (body?.times ?? 0); sent++) {
    if (!req.write(body?.chunk)) await once(req, 'drain')
  }
  req.end()
  const [res] = await answered
  res.resume()
  await once(res, 'end')
  if (res.statusCode !== 200) throw new Error(`${method} answered ${res.statusCode}`)
}

async function concurrently(
  workers: number,
  count: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await run(next++)
  }
  await Promise.all(Array.from({ length: workers }, worker))
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

function print(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(52)} ${value.toFixed(value < 100 ? 1 : 0).padStart(8)} ${unit}`)
}
