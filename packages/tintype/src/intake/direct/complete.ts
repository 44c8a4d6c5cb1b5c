import type { CompleteRequest } from '@tintype/protocol'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { RefusedByApp } from '../../hooks/refuse.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { UploadRow } from '../../records/schema.ts'
import { createCompletions, type Publishing } from '../completion.ts'
import type { StoredFile } from '../files.ts'
import { withDeadline } from '../form/arrivals.ts'
import { checkHead, examineObject } from './examine-object.ts'
import { completeObject, copyTime, copyToOwnKey } from './object.ts'
import type { DirectOptions } from './options.ts'
import { fieldsOf } from './text-fields.ts'

export type { Completed } from '../completion.ts'

export interface Completion {
  /** Of a session of the owner. */
  row: UploadRow
  parts?: CompleteRequest['parts']
  /** The app's own, by which the client says that all has arrived. */
  request?: object | undefined
}

/** An object that is cleaned is copied, put together anew, and copied again. */
const copies = 3
/** Milliseconds for inspecting an object, in addition to copying it. */
const examineTime = 360_000

/** Milliseconds for publishing what this upload has brought. */
export function publishTime({ bytes }: Pick<UploadRow, 'bytes'>): number {
  return copyTime(bytes) * copies + examineTime
}

/** Completes direct uploads: what arrived is copied, inspected and published, or refused for good. */
export function createCompletion(options: DirectOptions) {
  const { finish, quotas } = options

  async function publish(
    { row, parts, request }: Completion,
    { pending, signal, answerSlow }: Publishing,
  ): Promise<MediaWithVariants> {
    await quotas.demandRoom(row.owner, { bytes: row.bytes, files: 1, isGranted: true })
    const found = await completeObject(options, row, parts)
    if (!found) throw lostByStorage()
    crashPoint('direct.completed')
    const type = await checkHead(options, row, found, signal)
    const copied = await copyToOwnKey(options, row, found, { type, pending })
    const [media] = await examineObject(
      options,
      { row, request, pending },
      { ...copied, type },
      signal,
      async (file, memory) => {
        crashPoint('direct.verified')
        const dueAt = await pending.confirm()
        const stored = isInPlace(file, row) ? keptInPlace(file, row) : withDeadline(file, dueAt)
        const { owner, caption, id } = row
        const origin = { owner, way: 'direct', fields: fieldsOf(row), request } as const
        return finish.create([stored], { ...origin, caption, uploadId: id, memory, answerSlow })
      },
    )
    crashPoint('direct.published')
    return media as MediaWithVariants
  }

  return createCompletions<Completion>({
    ...options,
    ledger: options.records.ledger,
    publish,
    within: publishTime,
    asRefusal,
    refused: () => crashPoint('direct.refused'),
    absent,
  })
}

/** Sessions of other owners, expired ones and unknown ones get the same answer. */
export function absent(): TintypeError {
  return new TintypeError('not_found', 'There is no such upload, or its time is over. Begin again.')
}

export function lostByStorage(): TintypeError {
  return new TintypeError('upload_refused', 'The storage has given this upload up. Begin again.')
}

/** Completing is not an upload: anything wrong with the bytes is 422. What the app refuses has the app's status. */
function asRefusal(error: unknown): TintypeError | undefined {
  if (!(error instanceof TintypeError)) return undefined
  const { status } = error
  if (status === 422 || error instanceof RefusedByApp) return error
  if (status !== 413 && status !== 415) return undefined
  return new TintypeError('upload_refused', error.message, { limit: error.limit, cause: error })
}

export function isInPlace({ examined: { objects } }: StoredFile, { key }: Pick<UploadRow, 'key'>): boolean {
  return 'key' in objects[0] && objects[0].key === key
}

/** Its own key is published: the sweep list has it with the session's deadline, and URLs that may write to it. */
export function keptInPlace(
  file: StoredFile,
  { due_at, expires_at }: Pick<UploadRow, 'due_at' | 'expires_at'>,
): StoredFile {
  const dated = withDeadline(file, due_at)
  const [original, ...variants] = dated.examined.objects
  const kept = 'key' in original ? { ...original, writableUntil: expires_at } : original
  return { ...dated, examined: { ...dated.examined, objects: [kept, ...variants] } }
}
