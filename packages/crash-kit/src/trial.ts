import { type Adapter, Refused, type Target } from './adapter.ts'
import { again } from './again.ts'
import { bytesOf } from './count.ts'
import type { Files } from './files.ts'
import type { Journal } from './journal.ts'
import { knownKeys } from './known-keys.ts'
import { elapsed } from './moments.ts'
import type { World } from './world.ts'

/** Milliseconds for which a backend may take to list what it has acknowledged. */
const patience = 10_000

/**
 * One photo goes in and out, before anything fails: an adapter that is wrong about the backend would have a run without a
 * single upload end with "nothing is wrong".
 *
 * @throws saying what the adapter and the backend do not agree on
 */
export async function tryOnce(world: World, adapter: Adapter, journal: Journal, files: Files): Promise<void> {
  const target: Target = { url: world.url, key: crypto.randomUUID(), signal: AbortSignal.timeout(60_000) }
  const file = files.photo()
  journal.files.set(file.mark, { file, kind: 'photo', outcome: 'unknown' })
  const id = await step('upload', () => adapter.upload(file, target))
  journal.files.set(file.mark, { file, kind: 'photo', outcome: 'acknowledged', id })
  journal.records.set(id, { id, files: [file], deleted: 'no', busy: false })

  const listed = await soon('list', async () => (await adapter.list(target)).find((one) => one.id === id))
  if (listed === undefined) throw wrong('list', `does not have the id ${id} that upload returned`)
  const bytes = await step('read', () => bytesOf(adapter, world.s3, { id, key: listed.key }, target))
  if (bytes === undefined && adapter.read) throw wrong('read', `has no bytes of ${id}`)
  if (bytes === undefined)
    throw wrong('list', `says that ${id} is at ${listed.key ?? 'no key'}, where the bucket has nothing`)
  if (!file.bytes.equals(bytes)) throw wrong('read', `does not give the bytes of ${id} that were sent`)
  const known = await step('keys', () => again(() => knownKeys(adapter.keys, world.given)))
  if (listed.key !== undefined && !known.includes(listed.key))
    throw wrong('keys', `does not name ${listed.key}, which list does; it names ${known[0] ?? 'none'}`)

  const { remove } = adapter
  if (remove === undefined) return
  await step('remove', () => remove(id, target))
  const story = journal.records.get(id)
  if (story) story.deleted = 'yes'
  const isGone = await soon('list', async () => (await adapter.list(target)).every((one) => one.id !== id))
  if (!isGone) throw wrong('list', `still has ${id}, which was removed`)
}

async function step<T>(name: string, doIt: () => Promise<T>): Promise<T> {
  try {
    return await doIt()
  } catch (error) {
    throw wrong(name, error instanceof Refused ? `was refused: ${error.message}` : `failed: ${error}`, error)
  }
}

/** Asks until the answer is neither undefined nor false, or patience is over. */
async function soon<T>(name: string, ask: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + patience; ; await elapsed(100)) {
    const answer = await step(name, () => again(ask))
    if (answer || performance.now() > end) return answer
  }
}

function wrong(name: string, what: string, cause?: unknown): Error {
  return new Error(
    `Before the first kill, with S3 in order: the adapter's ${name} ${what}. Nothing was measured.`,
    {
      cause,
    },
  )
}
