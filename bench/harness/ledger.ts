import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { randomId } from '../../packages/tintype/src/ids.ts'
import type { PublishedMedia } from '../../packages/tintype/src/records/ledger-types.ts'
import type { Records } from '../../packages/tintype/src/records/records.ts'

const callers = 32
const day = 86_400_000
const lease = 60_000
const { makeKey } = createKeys()

interface Side {
  id: string
  records: Records
  /** Milliseconds in which what is removed can be had again. */
  undo: number
  made: string[]
}

/**
 * The ledger alone, without HTTP and S3, on SQLite: CPU milliseconds for each upload and removal, of an earlier version
 * (`before`), and of this one without a window (`without`) and with one (`within`). They take turns in this process.
 *
 * @param root of the earlier version's repository
 */
export async function ledgerTurns(
  root: string,
  { rounds, count, progress }: { rounds: number; count: number; progress(text: string): void },
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
    sides.push({ id, records: await openRecords(join(directory, `${id}.db`)), undo, made: [] })
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

async function upload({ records, made }: Side): Promise<void> {
  const dueAt = Date.now() + day
  const one = createBenchMedia(dueAt)
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
  const id = randomId()
  const [key, thumb] = [makeKey('original', 'jpg'), makeKey('thumb', 'webp')]
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
