/**
 * What cleaning costs a direct upload of 1 GB: a video with a position in its index and the same without take turns, sent
 * over the loopback, with the S3 in a process of its own. Counted is the server's CPU from the first request to the answer
 * of the last, and the time of `complete`, which is all that cleaning makes longer.
 *
 *     node bench/direct/cleaning.ts              seven rounds of 1 GB, after twenty of 20 MB
 *     node bench/direct/cleaning.ts --rounds 3
 *
 * Linux: it reads CPU time off /proc.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Media, SignedParts, UploadSession } from '@tintype/protocol'
import { withPlace } from '../../test/media/videos.ts'
import { complete, post, type SentPart, send, sha256 } from '../../test/support/direct.ts'
import { cpuOf, startServer } from '../harness/processes.ts'
import { withSpread } from '../harness/scenario.ts'
import { median } from '../harness/statistics.ts'
import { openStorage } from './storage.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
/** Seconds that 1 GB takes on a line of 100 Mbit/s, as docs/performance-direct.md has it. */
const lineSeconds = 80.3
const warmUps = 20
const size = 1000e6

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const clip = await readFile(file('../../test/media/files/index-at-end.mp4'))
const heads = { plain: clip, placed: withPlace(clip) }
type Kind = keyof typeof heads

const directory = await mkdtemp(join(tmpdir(), 'tintype-cleaning-'))
const key = { S3_ACCESS_KEY: 'bench', S3_SECRET_KEY: 'bench-secret' }
const s3 = await startServer(
  [
    ...[file('../../packages/local-s3/bin/local-s3.js'), '--port', '0', '--bucket', 'tintype'],
    ...['--directory', join(directory, 's3')],
    ...['--access-key', key.S3_ACCESS_KEY, '--secret-key', key.S3_SECRET_KEY],
  ],
  {},
)
const server = await startServer([file('servers/tintype.mjs')], {
  ...key,
  S3_BUCKET: 'tintype',
  S3_ENDPOINT: s3.origin,
  S3_PUBLIC_ENDPOINT: s3.origin,
  DIRECTORY: directory,
  PAGE: directory,
})
const storage = openStorage(s3.origin, key)
try {
  for (let n = 0; n < warmUps; n++) for (const kind of ['plain', 'placed'] as const) await upload(kind, 20e6)
  const runs = { plain: [] as Run[], placed: [] as Run[] }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const kind of ['plain', 'placed'] as const) {
      const run = await upload(kind, size)
      runs[kind].push(run)
      console.log(`${kind}: ${run.cpu.toFixed(1)} ms of CPU, complete ${run.seconds.toFixed(2)} s`)
    }
  }
  for (const kind of ['plain', 'placed'] as const) {
    const cpu = withSpread(runs[kind].map((run) => run.cpu))
    console.log(`${kind}: ${cpu} ms of CPU; complete ${withSpread(runs[kind].map((run) => run.seconds))} s`)
  }
  const [plain, placed] = [runs.plain, runs.placed].map((all) => median(all.map((run) => run.seconds)))
  const ratio = (lineSeconds + (placed ?? 0)) / (lineSeconds + (plain ?? 0))
  console.log(`over a line of 100 Mbit/s: ${ratio.toFixed(4)} of the seconds`)
} finally {
  await server.stop()
  await s3.stop()
  await rm(directory, { recursive: true, force: true })
}

interface Run {
  cpu: number
  seconds: number
}

async function upload(kind: Kind, bytes: number): Promise<Run> {
  const head = withRest(heads[kind], bytes)
  const before = cpuOf(server.pid)
  const announced = { name: 'video.mp4', type: 'video/mp4', size: bytes }
  const session = await answerOf<UploadSession>(await post(`${server.origin}/api/uploads`, announced))
  const parts = await sendParts(session, head, bytes)
  const begun = performance.now()
  const media = await answerOf<Media>(await complete(server.origin, session, parts))
  const run = { cpu: cpuOf(server.pid) - before, seconds: (performance.now() - begun) / 1000 }
  if (media.cleaned?.location !== (kind === 'placed') || media.cleaned.unsure !== undefined)
    throw new Error(`It was not cleaned: ${JSON.stringify(media.cleaned)}`)
  const response = await fetch(`${server.origin}/api/media/${media.id}`, { method: 'DELETE' })
  if (!response.ok) throw new Error(`DELETE: ${response.status}`)
  await storage.empty('tintype')
  return run
}

/** The clip is followed by a box of free space; what is not in the head is zero. */
function withRest(movie: Buffer, bytes: number): Buffer {
  const free = Buffer.alloc(16)
  free.writeUInt32BE(1, 0)
  free.write('free', 4, 'latin1')
  free.writeBigUInt64BE(BigInt(bytes - movie.length), 8)
  return Buffer.concat([movie, free])
}

async function sendParts(session: UploadSession, head: Buffer, bytes: number): Promise<SentPart[]> {
  const { multipart, id } = session
  if (!multipart) throw new Error('It is sent by one PUT.')
  const { partSize, parts: count } = multipart
  const bodyOf = (number: number) => {
    const body = Buffer.alloc(Math.min(partSize, bytes - (number - 1) * partSize))
    if (number === 1) head.copy(body)
    return body
  }
  const zeros = sha256(Buffer.alloc(partSize))
  const sent: SentPart[] = []
  // As the client does: some at a time are signed, and some are on their way.
  for (let from = 1; from <= count; from += 30) {
    const numbers = Array.from({ length: Math.min(30, count - from + 1) }, (_, index) => from + index)
    const parts = numbers.map((number) => {
      const isZero = number > 1 && number < count
      return { number, sha256: isZero ? zeros : sha256(bodyOf(number)) }
    })
    const signed = await answerOf<SignedParts>(
      await post(`${server.origin}/api/uploads/${id}/parts`, { parts }),
    )
    for (const [index, part] of signed.parts.entries()) {
      const answer = await send(part, bodyOf(part.number))
      if (!answer.ok) throw new Error(`PUT: ${answer.status} ${await answer.text()}`)
      const etag = answer.headers.get('etag') ?? ''
      sent.push({ number: part.number, etag, sha256: parts[index]?.sha256 as string })
    }
  }
  return sent
}

async function answerOf<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
