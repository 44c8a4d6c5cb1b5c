import { createHash } from 'node:crypto'
import { type Adapter, type ListedRecord, Refused, type Target } from './adapter.ts'
import { again } from './again.ts'
import { markOf } from './files.ts'
import type { Journal } from './journal.ts'
import { knownKeys } from './known-keys.ts'
import type { World } from './world.ts'

/** What may be wrong, and how reports call it. Each object, record or upload counts once. */
export const kinds = {
  orphan: 'orphaned objects',
  openUpload: 'multipart uploads left open',
  dangling: 'records without their object',
  lost: 'acknowledged uploads that do not read back',
  cameBack: 'deleted records that came back',
  refusedStayed: 'refused files that stayed',
  twice: 'uploads done twice',
  othersTouched: "other programs' things touched",
} as const

export type Kind = keyof typeof kinds

export interface Violation {
  kind: Kind
  /** Of an object, or of a record. */
  what: string
  bytes?: number
  story: string
}

/** What another program keeps in the same bucket. */
const others = { object: 'another-program/report.pdf', upload: 'another-program/film.mp4' }

export async function moveOthersIn({ s3 }: World): Promise<void> {
  await s3.put(others.object, 'not yours')
  await s3.beginUpload(others.upload)
}

/** Compares bucket, records and what clients were told: for a world whose backend runs, at rest and without faults. */
export async function count(world: World, adapter: Adapter, journal: Journal): Promise<Violation[]> {
  const target: Target = { url: world.url, key: 'count', signal: AbortSignal.timeout(120_000) }
  const { objects, uploads, known } = await look(world, adapter)
  const stored = new Set(objects.map(({ key }) => key))
  const listed = await again(() => adapter.list(target))
  const violations: Violation[] = []
  const add = (kind: Kind, what: string, story: string, bytes?: number) =>
    violations.push({ kind, what, story, ...(bytes === undefined ? {} : { bytes }) })

  for (const { key, bytes } of objects.filter((one) => !known.has(one.key))) {
    const mark = markOf((await again(() => world.s3.read(key))) ?? Buffer.alloc(0))
    const file = mark === undefined ? undefined : journal.files.get(mark)
    const kind = file?.outcome === 'refused' ? 'refusedStayed' : 'orphan'
    add(kind, key, `${told(file)}. ${journal.storyOf(key)}`, bytes)
  }
  for (const { key } of uploads) add('openUpload', key, journal.storyOf(key))

  const isLost = await compareRecords(world, adapter, journal, listed, target, add)
  const ofLost = new Set(listed.filter(({ id }) => isLost.has(id)).map(({ key }) => key))
  for (const key of known)
    if (!stored.has(key) && !ofLost.has(key)) add('dangling', key, journal.storyOf(key))

  for (const touched of await touchedOthers(world)) add('othersTouched', touched, 'it is gone')
  return violations
}

/** The sum of what is not as it should be in bucket and records: 0 when a clean-up has nothing more to do. */
export async function untidy(world: World, adapter: Adapter): Promise<number> {
  const { objects, uploads, known } = await look(world, adapter)
  const stored = new Set(objects.map(({ key }) => key))
  const unnamed = objects.filter(({ key }) => !known.has(key)).length
  return unnamed + uploads.length + [...known].filter((key) => !stored.has(key)).length
}

async function look({ s3, given }: World, { keys, ownNotes }: Adapter) {
  const [all, begun] = [await again(() => s3.objects()), await again(() => s3.uploads())]
  const objects = all.filter(({ key }) => key !== others.object && !ownNotes?.test(key))
  const uploads = begun.filter(({ key }) => key !== others.upload)
  return { objects, uploads, known: new Set(await again(() => knownKeys(keys, given))) }
}

type Add = (kind: Kind, what: string, story: string) => void

/** @returns the ids of records whose bytes are not there */
async function compareRecords(
  { s3 }: World,
  adapter: Adapter,
  journal: Journal,
  listed: ListedRecord[],
  target: Target,
  add: Add,
): Promise<Set<string>> {
  const lost = new Set<string>()
  const ids = new Set(listed.map(({ id }) => id))
  const byMark = new Map<string, string[]>()

  for (const { id, key } of listed) {
    const bytes = await bytesOf(adapter, s3, { id, key }, target)
    const mark = bytes && markOf(bytes)
    if (mark) byMark.set(mark, [...(byMark.get(mark) ?? []), id])
    const file = mark === undefined ? undefined : journal.files.get(mark)
    if (file?.outcome === 'refused') add('refusedStayed', id, `${told(file)}, and it is listed`)
    const record = journal.records.get(id)
    if (record?.deleted === 'yes') add('cameBack', id, 'its deletion was acknowledged, and it is listed')
    if (record?.deleted !== 'no') continue
    const sha256 = bytes && createHash('sha256').update(bytes).digest('hex')
    if (record.files.some((one) => one.sha256 === sha256)) continue
    lost.add(id)
    const story = key === undefined ? '' : `. ${journal.storyOf(key)}`
    add('lost', id, `it is listed, ${bytes ? 'with other bytes' : 'and its bytes are not there'}${story}`)
  }
  for (const { id, deleted } of journal.records.values())
    if (deleted === 'no' && !ids.has(id)) add('lost', id, 'it was acknowledged, and is not listed')
  for (const [mark, of] of byMark)
    for (const id of of.slice(1))
      add('twice', id, `${told(journal.files.get(mark))}; records ${of.join(', ')}`)
  return lost
}

export async function bytesOf(
  { read }: Adapter,
  s3: World['s3'],
  { id, key }: { id: string; key: string | undefined },
  target: Target,
): Promise<Uint8Array | undefined> {
  if (!read) return key === undefined ? undefined : again(() => s3.read(key))
  try {
    return await again(() => read(id, target))
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

async function touchedOthers({ s3 }: World): Promise<string[]> {
  const objects = new Set((await again(() => s3.objects())).map(({ key }) => key))
  const uploads = new Set((await again(() => s3.uploads())).map(({ key }) => key))
  return [
    ...(objects.has(others.object) ? [] : [`the object ${others.object}`]),
    ...(uploads.has(others.upload) ? [] : [`the multipart upload ${others.upload}`]),
  ]
}

function told(story: ReturnType<Journal['files']['get']>): string {
  if (story === undefined) return 'Of no file that was sent'
  const { file, kind, outcome, id } = story
  return `Sent as ${kind} of ${file.bytes.length} bytes, ${outcome}${id === undefined ? '' : ` as ${id}`}`
}
