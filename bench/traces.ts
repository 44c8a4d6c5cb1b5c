// What the tracing channels cost: CPU of an upload with nobody subscribed, beside the same without them, and with spans
// of OpenTelemetry's kind. node bench/traces.ts
import { tracingChannel } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTintype } from '../packages/tintype/src/index.ts'
import { silentLog } from '../packages/tintype/src/log.ts'
import { traced } from '../packages/tintype/src/traces/channels.ts'
import { photo } from '../test/media/photos.ts'

const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-traces-'))
const tintype = await createTintype({ authenticate: () => 'me', directory, log: silentLog, variants: {} })
const bytes = await photo({ width: 320, height: 240 })

async function cpuOf(uploads: number): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < uploads; i++) await tintype.media.create(bytes, { owner: 'me' })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / uploads
}

const kinds = ['form', 'inspect', 's3', 'commit', 'variants'] as const
const listener = () => {}
const channels = kinds.map((kind) => tracingChannel(`tintype:${kind}`))
const subscribers = {
  start: listener,
  end: listener,
  asyncStart: listener,
  asyncEnd: listener,
  error: listener,
}

await cpuOf(100)
const without: number[] = []
const subscribed: number[] = []
for (let round = 0; round < 8; round++) {
  without.push(await cpuOf(100))
  for (const one of channels) one.subscribe(subscribers)
  subscribed.push(await cpuOf(100))
  for (const one of channels) one.unsubscribe(subscribers)
}
// An upload passes these five points; without a subscriber each is a look at the channel and a closure.
const passes = 1_000_000
const work = async () => {}
async function perPass(pass: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < passes; i++) await pass()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / passes
}
await perPass(work)
const bare = await perPass(work)
const offered = await perPass(() => traced('commit', () => ({ media: ['a'] }), work))
const middle = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] as number
const upload = middle(without)
const points = 5
console.log(`upload, nobody subscribed: ${upload.toFixed(3)} ms of CPU`)
console.log(
  `of it the channels: ${(offered - bare).toFixed(3)} µs each, ${((points * (offered - bare)) / upload / 10).toFixed(4)} %`,
)
console.log(
  `upload, all subscribed: ${middle(subscribed).toFixed(3)} ms, ratio ${(middle(subscribed) / upload).toFixed(3)}`,
)
await tintype.close()
await rm(directory, { recursive: true })
