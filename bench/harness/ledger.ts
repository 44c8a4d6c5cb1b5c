import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { randomId } from '../../packages/tintype/src/ids.ts'
import type { PublishedMedia } from '../../packages/tintype/src/records/ledger-types.ts'
import type { Records } from '../../packages/tintype/src/records/records.ts'
import { insertMedia } from './million.ts'

const callers = 32
const day = 86_400_000
const lease = 60_000
const { makeKey, makeFolder } = createKeys()

interface Side {
  id: string
  records: Records
  /** Milliseconds in which what is removed can be had again. */
  undo: number
  made: string[]
  /** Makes keys as that version does. */
  create(dueAt: number): PublishedMedia
}

/**
 * The ledger alone, without HTTP and S3, on SQLite: CPU milliseconds for each upload and removal, of an earlier version
 * (`before`), and of this one without a window (`without`) and with one (`within`), which keeps what each round removes. They
 * take turns in this process.
 *
 * @param root of the earlier version's repository
 * @param options.filled photos that are there all the time: beside an empty ledger, what was removed would be all there is
 */
export async function ledgerTurns(
  root: string,
  {
    rounds,
    count,
    progress,
    filled = 20_000,
  }: { rounds: number; count: number; progress(text: string): void; filled?: number },
): Promise<Record<string, Map<string, number[]>>> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
  const here = new URL('../../', import.meta.url).href
  const sides: Side[] = []
  for (const [id, from, undo] of [
    ['before', pathToFileURL(join(root, '/')).href, 0],
    ['without', here, 0],
    ['within', here, 30 * day],
  ] as const) {
    const { openRecords } = (await import(
      new URL('packages/tintype/src/records/records.ts', from).href
    )) as typeof import('../../packages/tintype/src/records/records.ts')
    const file = join(directory, `${id}.db`)
    const records = await openRecords(file)
    insertMedia(file, filled, 'others')
    const create = id === 'before' ? createMediaApart : createBenchMedia
    sides.push({ id, records, undo, made: [], create })
  }
  const costs = {
    'upload, ledger': new Map<string, number[]>(),
    'removal, ledger': new Map<string, number[]>(),
  }
  const measure = async (of: Map<string, number[]>, round: number, work: (side: Side) => Promise<void>) => {
    for (let turn = 0; turn < sides.length; turn++) {
      const side = sides[(round + turn) % sides.length] as Side
      globalThis.gc?.()
      const { user, system } = process.cpuUsage()
      await atOnce(count, () => work(side))
      const after = process.cpuUsage()
      // The first two rounds warm up.
      if (round >= 2)
        of.set(side.id, [
          ...(of.get(side.id) ?? []),
          (after.user + after.system - user - system) / 1000 / count,
        ])
    }
  }
  for (let round = 0; round < rounds + 2; round++) {
    progress(`ledger: round ${round + 1}`)
    await measure(costs['upload, ledger'], round, upload)
    await measure(costs['removal, ledger'], round, remove)
  }
  for (const { records } of sides) await records.close()
  await rm(directory, { recursive: true })
  return costs
}

async function upload({ records, made, create }: Side): Promise<void> {
  const dueAt = Date.now() + day
  const one = create(dueAt)
  const keys = one.pending.map(({ key }) => key)
  await records.ledger.reserve(keys, dueAt)
  await records.ledger.publish([one])
  made.push(one.media.id)
}

/** As DELETE does it: out of sight, then S3 (left out here), then off the list. */
async function remove({ records, made, undo }: Side): Promise<void> {
  const now = Date.now()
  const due_at = now + lease
  const keep = undo > 0 ? { keep: { now, until: now + undo } } : {}
  const row = { upload_id: null, writable_until: null, recheck: 0, attempts: 0, error: null, due_at }
  const keys = await records.ledger.remove(made.pop() ?? '', 'bench', due_at, keep)
  for (const { key } of keys ?? []) await records.sweep.forget({ ...row, key })
}

async function atOnce(total: number, work: () => Promise<void>): Promise<void> {
  let left = total
  const caller = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

/** A photo with its thumb, not yet published. */
export function createBenchMedia(dueAt: number): PublishedMedia {
  const folder = makeFolder()
  return withKeys(makeKey('original', 'jpg', folder), makeKey('thumb', 'webp', folder), dueAt)
}

/** The same with keys that have nothing in common, as they were made before undo. */
function createMediaApart(dueAt: number): PublishedMedia {
  return withKeys(makeKey('original', 'jpg', randomId()), makeKey('thumb', 'webp', randomId()), dueAt)
}

function withKeys(key: string, thumb: string, dueAt: number): PublishedMedia {
  const id = randomId()
  return {
    media: {
      ...{ id, key, owner: 'bench', kind: 'image', type: 'image/jpeg', name: 'IMG_0001.jpg' },
      ...{ bytes: 200_000, sha256: 'a'.repeat(64), width: 4000, height: 3000, created_at: dueAt },
      placeholder: `data:image/webp;base64,${'A'.repeat(120)}`,
    },
    variants: [
      { media_id: id, name: 'thumb', key: thumb, type: 'image/webp', bytes: 9000, width: 320, height: 240 },
    ],
    pending: [key, thumb].map((one) => ({ key: one, dueAt })),
  }
}
