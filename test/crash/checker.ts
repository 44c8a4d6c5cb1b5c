import { setTimeout } from 'node:timers/promises'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import { keysIn } from '../support/bucket-keys.ts'
import { compareAppRows } from './app-rows.ts'
import { audit } from './audit.ts'
import { type Client, sha256Of } from './client.ts'
import { checkEvents } from './events.ts'
import { checkHolds, releaseAll } from './holds.ts'
import { intact, type Journal } from './journal.ts'
import { bystanders, type World } from './world.ts'

/**
 * Compares a fully swept world with what its clients know: on a running server without faults, after a crash and one
 * sweep. What is wrong is added to the journal's violations; what was unknown is known afterwards.
 */
export async function check(world: World, url: string, journal: Journal, client: Client): Promise<void> {
  await askAgain(url, journal, client)
  await compareWithApi(url, journal, client)
  journal.attempts = []
  await checkHolds(world, journal)
  await compareWithBucket(world, journal)
  await releaseAll(world, journal)
  await checkEvents(world, journal)
  for (const finding of await audit(world)) journal.violations.push(`tintype audit: ${finding}`)
}

const maxTries = 5

/** What has a key is asked again, answered or not; what has none and no answer is looked for in the list. */
async function askAgain(url: string, journal: Journal, client: Client): Promise<void> {
  const { violations } = journal
  const listed = await client.list(url)
  if (listed === undefined) return void violations.push('the list can not be read, with all faults off')
  for (const attempt of journal.attempts) {
    if (attempt.ids !== undefined) {
      if (attempt.key !== undefined && intact(journal, attempt)) await client.upload(url, attempt)
      continue
    }
    if (attempt.key !== undefined) {
      // A machine that is busy may answer 503, and a client asks again.
      for (let i = 0; i < maxTries && attempt.ids === undefined; i++) await client.upload(url, attempt)
      if (attempt.ids === undefined) {
        violations.push(
          `the key ${attempt.key} was not answered, with all faults off: ${journal.lastUnknown}`,
        )
      }
      continue
    }
    const made = attempt.files.map(({ sha256 }) => listed.filter((one) => one.sentSha256 === sha256))
    if (made.some((media) => media.length > 1)) violations.push(`one request was carried out twice`)
    const found = made.flat()
    attempt.ids = found.map((one) => one.id)
    if (found.length === 0) continue
    if (found.length !== attempt.files.length) violations.push(`half of a request was carried out`)
    found.forEach(({ id, bytes, sentSha256 }) => {
      journal.media.set(id, {
        id,
        bytes,
        sha256s: new Set([sentSha256]),
        deleted: 'no',
        original: undefined,
        busy: false,
      })
    })
  }
}

/** Everything that was acknowledged is there, nothing else is. */
async function compareWithApi(url: string, journal: Journal, client: Client): Promise<void> {
  const { violations, media } = journal
  const listed = new Map(((await client.list(url)) ?? []).map((one) => [one.id, one]))
  for (const known of media.values()) {
    const found = listed.get(known.id)
    if (known.deleted === 'maybe') known.deleted = found ? 'no' : 'yes'
    if (known.deleted === 'yes') {
      if (found) violations.push(`${known.id} was deleted, but is listed`)
      const response = await fetch(`${url}/api/media/${known.id}`)
      await response.bytes()
      if (response.status !== 404) violations.push(`${known.id} was deleted, but answers ${response.status}`)
      known.restorableUntil = undefined
      // Later checks need not ask again.
      if (!known.held) media.delete(known.id)
      continue
    }
    if (!found) {
      violations.push(`${known.id} was acknowledged, but is gone`)
      media.delete(known.id)
      continue
    }
    await client.read(url, known)
    known.sha256s = new Set([found.sentSha256])
    known.original = found.urls.original
  }
  for (const one of listed.values()) {
    if (!media.has(one.id)) violations.push(`${one.id} is listed, but no client has made it`)
    if (journal.forbidden.has(one.sentSha256))
      violations.push(`${one.id} is visible, but was refused or given up`)
  }
}

/** What is in the bucket, without the bystanders' things: their loss is a violation. */
async function bucketOf(
  { s3, bucket: Bucket }: World,
  { violations }: Pick<Journal, 'violations'>,
): Promise<{ stored: Set<string>; open: string[] }> {
  const stored = new Set<string>()
  for await (const page of paginateListObjectsV2({ client: s3.admin }, { Bucket })) {
    for (const key of keysIn(page)) stored.add(key)
  }
  for (const key of bystanders.objects) {
    if (!stored.delete(key)) violations.push(`the bystander's object ${key} is gone`)
  }
  const { Uploads = [] } = await s3.admin.send(new ListMultipartUploadsCommand({ Bucket }))
  const open = Uploads.map((one) => one.Key as string)
  if (!open.includes(bystanders.upload)) violations.push("the bystander's multipart upload is gone")
  return { stored, open: open.filter((key) => key !== bystanders.upload) }
}

/**
 * The promise in its strong form, which holds at every instant: for a world whose servers have just been killed. Each
 * key in the bucket, and of each open multipart upload, is named by a row; each row of media names an object; no key
 * is both visible and scheduled.
 */
export async function compareAtOnce(world: World, journal: Journal): Promise<void> {
  const { violations } = journal
  await compareAppRows(world, journal)
  // In one statement, which sees one state.
  const rows = await world.sql.all<{ key: string; state: string }>(
    `select key, 'visible' as state from tintype_media union all select key, 'visible' as state from tintype_variant
     union all select key, 'scheduled' as state from tintype_sweep
     union all select key, 'kept' as state from tintype_sweep where media_id is not null`,
  )
  const keysOf = (state: string) => new Set(rows.filter((row) => row.state === state).map((row) => row.key))
  const visible = keysOf('visible')
  const scheduled = keysOf('scheduled')
  const kept = keysOf('kept')
  const { stored, open } = await bucketOf(world, journal)
  for (const key of visible) {
    if (!stored.has(key)) violations.push(`before the sweep: the row of ${key} has no object`)
    if (scheduled.has(key)) violations.push(`before the sweep: ${key} is visible, and on the sweep list`)
  }
  for (const key of kept)
    if (!stored.has(key)) violations.push(`before the sweep: ${key} is kept, but has no object`)
  for (const key of stored) {
    if (!visible.has(key) && !scheduled.has(key)) {
      // Where S3 has needed longer than the servers' deadlines allow, the machine was too busy to tell.
      const seconds = (world.s3Proxy.slowestWrite(key) / 1000).toFixed(1)
      violations.push(`before the sweep: the object ${key} has no row; its slowest write took ${seconds} s`)
    }
  }
  for (const key of open) {
    if (!scheduled.has(key)) violations.push(`before the sweep: the multipart upload at ${key} has no row`)
  }
}

/** Milliseconds between two looks, and how many there are. */
const pause = 250
const looks = 20

/**
 * For a fully swept world: the bucket holds what the rows name, and nothing else; no multipart upload is open, nothing is
 * left to sweep. A server that runs makes variants in the background: what is wrong has to be so at every look.
 */
export async function compareWithBucket(
  world: World,
  { violations }: Pick<Journal, 'violations'>,
): Promise<void> {
  for (let look = 1; ; look++) {
    const found = await differences(world)
    if (found.length > 0 && look < looks) await setTimeout(pause)
    else return void violations.push(...found)
  }
}

async function differences(world: World): Promise<string[]> {
  const violations: string[] = []
  const { sql, s3, bucket: Bucket } = world
  const originals = await sql.all<{ key: string; sha256: string }>('select key, sha256 from tintype_media')
  const variants = await sql.all<{ key: string; bytes: number | string }>(
    'select key, bytes from tintype_variant',
  )
  // On legal hold: whatever else was removed or replaced is over by now.
  const kept = await sql.all<{ key: string; bytes: number | string }>(
    'select key, bytes from tintype_sweep where media_id is not null',
  )
  const named = new Set([...originals, ...variants, ...kept].map((row) => row.key))
  const { stored, open } = await bucketOf(world, { violations })
  for (const key of stored) if (!named.has(key)) violations.push(`the object ${key} has no row`)
  for (const key of named) if (!stored.has(key)) violations.push(`the row of ${key} has no object`)
  for (const key of open) violations.push(`a multipart upload is open at ${key}`)

  for (const { key: Key, sha256 } of originals.filter((row) => stored.has(row.key))) {
    const { Body } = await s3.admin.send(new GetObjectCommand({ Bucket, Key }))
    if (sha256Of((await Body?.transformToByteArray()) ?? new Uint8Array()) !== sha256) {
      violations.push(`the object ${Key} does not have its row's SHA-256`)
    }
  }
  for (const { key: Key, bytes } of [...variants, ...kept].filter((row) => stored.has(row.key))) {
    const { ContentLength } = await s3.admin.send(new HeadObjectCommand({ Bucket, Key }))
    if (ContentLength !== Number(bytes))
      violations.push(`the variant or kept object ${Key} does not have its row's size`)
  }

  for (const { key, error } of await sql.all<{ key: string; error: string | null }>(
    'select key, error from tintype_sweep where media_id is null',
  )) {
    violations.push(`${key} is still on the sweep list: ${error}`)
  }
  return violations
}
