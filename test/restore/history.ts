import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { createBucketListing } from '../../packages/tintype/src/bucket/listing.ts'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { silentLog } from '../../packages/tintype/src/log.ts'
import { openRecords, type Records } from '../../packages/tintype/src/records/records.ts'
import { anyOwner } from '../../packages/tintype/src/records/schema.ts'
import { createAudit } from '../../packages/tintype/src/sweep/audit.ts'
import { createLedgerHeartbeat } from '../../packages/tintype/src/sweep/heartbeat.ts'
import { createRestore, type RestoreFinding } from '../../packages/tintype/src/sweep/restore.ts'
import { createSweeper } from '../../packages/tintype/src/sweep/sweeper.ts'
import { app, auditor, newMedia, type Storage, sha256 } from '../audit/setting.ts'
import { uploadRow } from '../support/upload-row.ts'

const hour = 3_600_000
const day = 24 * hour
/** What is removed or replaced stays in the bucket for this long. */
export const undo = 10 * day
export const grace = 7 * day

/** Where databases are made, and copied as they are at a moment. */
export interface Databases {
  create(): Promise<string>
  /** Nothing has it open but, on SQLite, one process. */
  dump(url: string): Promise<string>
}

/** What is visible: by id, the SHA-256 of its original. */
export type State = Map<string, string>

export type Step =
  | { does: 'upload' | 'session' | 'begin' | 'multipart' | 'sweep' }
  | { does: 'finish' | 'replace' | 'remove' | 'undo'; which: number }
  | { does: 'wait'; hours: number }

const which = fc.nat({ max: 7 })
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ does: 'upload' } as const) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('replace' as const), which }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('remove' as const), which }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('undo' as const), which }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('finish' as const), which }) },
  { weight: 2, arbitrary: fc.constant({ does: 'begin' } as const) },
  { weight: 1, arbitrary: fc.constant({ does: 'session' } as const) },
  { weight: 1, arbitrary: fc.constant({ does: 'multipart' } as const) },
  { weight: 3, arbitrary: fc.constant({ does: 'sweep' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 9 }) }),
  },
)

/** A bucket, and the ledgers that come and go over it. Time is one clock for all. */
export async function createHistory(storage: Storage, databases: Databases) {
  const place = { name: await storage.createBucket(), endpoint: storage.url }
  const clock = createTestClock(Date.now())
  const bucket = createBucket({ ...place, credentials: app }, { signReadTtl: 60, now: Date.now })
  const listing = createBucketListing({ ...place, credentials: auditor })
  const put = (key: string, bytes: Buffer) =>
    bucket.put(key, bytes, { type: 'image/jpeg', sha256: sha256(bytes) })
  const hashOf = async (key: string) => sha256(await buffer(await bucket.open(key)))

  /** A process on this database. */
  async function open(url: string) {
    const records = await openRecords(url, undefined, { changed: () => heartbeat.changed() })
    const heartbeat = createLedgerHeartbeat({
      heartbeat: records.heartbeat,
      bucket,
      clock,
      log: silentLog,
      undo,
    })
    const shared = { records, bucket, clock, log: silentLog }
    const sweeper = createSweeper({ ...shared, heartbeat, grace: hour })
    return { url, records, heartbeat, sweeper }
  }

  const keep = () => ({ now: clock.now(), until: clock.now() + undo })
  const undoRemoval = (records: Records, id: string) =>
    records.undo.restore({ id, owner: anyOwner, now: clock.now(), jobsFor: () => [], expiresAt: null })

  async function audit(records: Records) {
    const { findings } = createAudit({
      records,
      listing,
      bucket,
      clock,
      grace: 0,
      repair: false,
      checksums: true,
    })
    return all(findings())
  }

  return {
    clock,
    bucket,
    open,
    audit,
    undoRemoval,

    /** Everything in the bucket, below the keys of media. */
    async keys() {
      return (await all(listing.objects(bucket.keyPrefix))).flat().map((one) => one.key)
    },

    /** A history from nothing. */
    async begin() {
      const url = await databases.create()
      const state: State = new Map()
      const removed: State = new Map()
      /** Uploads under way: their objects are written, and not published. */
      const begun: ReturnType<typeof newMedia>[] = []
      let process = await open(url)

      async function reserved() {
        const one = newMedia(clock.now() + day)
        one.media.created_at = clock.now()
        const [original, thumb] = one.pending.map(({ key }) => key) as [string, string]
        await process.records.ledger.reserve([original, thumb], clock.now() + day)
        await put(original, Buffer.from(one.media.id))
        await put(thumb, Buffer.from('thumb'))
        return one
      }

      async function publish(one: ReturnType<typeof newMedia>) {
        await process.records.ledger.publish([one])
        state.set(one.media.id, one.media.sha256)
      }

      const at = (n: number) => [...state.keys()][n % state.size]

      return {
        state,
        async take(one: Step): Promise<void> {
          const { ledger, uploads } = process.records
          switch (one.does) {
            case 'upload':
              return publish(await reserved())
            case 'begin':
              return void begun.push(await reserved())
            case 'finish': {
              const [pending] = begun.splice(one.which % Math.max(begun.length, 1), 1)
              // The sweeper may have been faster.
              if (pending) await publish(pending).catch(() => {})
              return
            }
            case 'session': {
              const key = bucket.makeKey('upload', 'bin')
              const due_at = clock.now() + hour
              await ledger.reserve([key], due_at)
              await uploads.open(uploadRow({ key, due_at, expires_at: due_at, owner: 'somebody' }))
              return put(key, Buffer.from(key))
            }
            case 'multipart': {
              const key = bucket.makeKey('original', 'mp4')
              await ledger.reserve([key], clock.now() + hour, { multipart: true })
              const id = await bucket.createMultipart(key, { type: 'video/mp4' })
              return ledger.nameMultipart(key, id)
            }
            case 'replace': {
              const id = at(one.which)
              if (id === undefined) return
              const next = await reserved()
              const sha = next.media.sha256
              next.media = { ...next.media, id }
              next.variants = next.variants.map((variant) => ({ ...variant, media_id: id }))
              assert.ok(await ledger.replace(next, clock.now() + hour, keep()))
              state.set(id, sha)
              return
            }
            case 'remove': {
              const id = at(one.which)
              if (id === undefined) return
              await ledger.remove(id, anyOwner, clock.now(), { keep: keep() })
              removed.set(id, state.get(id) ?? '')
              state.delete(id)
              return
            }
            case 'undo': {
              const id = [...removed.keys()][one.which % removed.size]
              if (id === undefined) return
              assert.equal(await undoRemoval(process.records, id), 'restored')
              state.set(id, removed.get(id) ?? '')
              removed.delete(id)
              return
            }
            case 'wait':
              return clock.advance(one.hours * hour)
            case 'sweep':
              return void (await process.sweeper.sweepDue())
          }
        },
        /** The servers have stopped. @returns the database as it is now, what is visible in it, and what can be had again */
        async dump(): Promise<{ url: string; state: State; removed: State }> {
          await process.heartbeat.stop()
          await process.records.close()
          const dump = await databases.dump(url)
          process = await open(url)
          return { url: dump, state: new Map(state), removed: new Map(removed) }
        },
        end: () => process.records.close(),
      }
    },

    /** `tintype restore`, which may be killed after some findings and called again. */
    async restore(records: Records, killedAfter?: number): Promise<RestoreFinding[]> {
      const run = () =>
        createRestore({ records, listing, bucket, clock, grace, checksums: false, isCheck: false }).findings()
      if (killedAfter !== undefined) {
        let left = killedAfter
        for await (const _ of run()) if (left-- === 0) break
      }
      return all(run())
    },

    /** Each photo of that state reads back, with its thumb, and there is nothing else. */
    async demandState(records: Records, state: State): Promise<void> {
      const rows = await records.media.list({ owner: 'somebody' }, { limit: 1000 })
      assert.deepEqual(new Map(rows.map(({ media }) => [media.id, media.sha256])), state)
      for (const { media, variants } of rows) {
        assert.equal(await hashOf(media.key), media.sha256)
        assert.deepEqual(
          variants.map(({ name }) => name),
          ['thumb'],
        )
        for (const { key } of variants) assert.equal(await hashOf(key), sha256(Buffer.from('thumb')))
      }
    },

    close() {
      listing.close()
      bucket.close()
    },
  }
}

export type History = Awaited<ReturnType<typeof createHistory>>

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of items) found.push(one)
  return found
}
