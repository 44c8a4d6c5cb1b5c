import { createHash } from 'node:crypto'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { largestBytes, tooLarge } from '../../inspect/limits.ts'
import { type Incoming, readBody } from '../../memory/body.ts'
import { connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import { chunkMemory } from '../../memory/chunk-memory.ts'
import { clientGone } from '../../memory/client-signal.ts'
import type { Room } from '../../quotas/quotas.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { Completed } from '../completion.ts'
import { absent } from '../direct/complete.ts'
import { outcomeOf } from '../direct/state.ts'
import { leastRate, withTransforms } from '../form/form.ts'
import { toRefusal } from '../refusal.ts'
import { createUploadMemory } from '../transform.ts'
import { checksumMismatch, completed, inconsistentLength, mismatchingOffset, takenOver } from './errors.ts'
import { partBytesFor, type ResumableOptions } from './options.ts'
import { createPartWriter, type PartWriter } from './part-writer.ts'
import type { createPublication } from './publish.ts'
import type { RunningHashes } from './running-hash.ts'
import type { Turns } from './turns.ts'

/** Bytes that are added to an upload. */
export interface AppendRequest {
  /** Where they begin; undefined: wherever the upload is. */
  offset?: number | undefined
  /** Of the whole, where it is known by now. */
  size?: number | undefined
  /** Whether these are the last; undefined: if the whole has come with them. */
  isComplete?: boolean | undefined
  /** Of the bytes of this request: they are taken if they have them, or not at all. */
  checksums?: { algorithm: string; digest: Buffer }[] | undefined
  /** Whether what came of a request that breaks off is dropped. @default that of requests with checksums */
  isAtomic?: boolean
  /** Of the file, where none was told before. */
  name?: string | undefined
  /** Bytes that are announced. */
  length?: number | undefined
  incoming: Pick<Incoming, 'body' | 'signal' | 'accept'>
  /** The app's own. */
  request?: object | undefined
  /** So much is stored by now. */
  onAcknowledged?(received: number): void
}

export interface AppendOptions extends ResumableOptions {
  publication: ReturnType<typeof createPublication>
  turns: Turns
  hashes: RunningHashes
}

type Appending = ResumableUpload & { isSizeNew?: boolean }

/** What has been appended; `done` when it was the last of it. */
interface AppendResult {
  upload: ResumableUpload
  done?: Promise<Completed>
}

export function createAppend(options: AppendOptions) {
  const { records, budget, limits, hooks, quotas, clock, stallTimeout, publication, turns, hashes, sweeper } =
    options
  const { resumables, uploads } = records

  /** The lengths that a request says or implies have to be one. @returns that of the whole, where it is known */
  function sizeOf({ resumable }: ResumableUpload, request: AppendRequest): number | null {
    const { length, isComplete, size } = request
    const { received } = resumable
    const implied = isComplete && length !== undefined ? received + length : undefined
    const known = [resumable.size, size, implied].filter((one) => one !== undefined && one !== null)
    const [first = null, ...others] = known
    if (others.some((one) => one !== first))
      throw inconsistentLength(`The upload is to have ${known.join(' bytes, and also ')} bytes.`)
    if (first !== null && received + (length ?? 0) > first)
      throw inconsistentLength(`The upload is to have ${first} bytes: ${length} more are too many.`)
    const most = largestBytes(limits)
    if ((first ?? received + (length ?? 0)) > most) throw tooLarge(most)
    return first
  }

  /** Of an upload that began without its length: what it gets has to find room as it comes. */
  async function roomFor(
    { row, resumable }: ResumableUpload,
    size: number | null,
    { length = 0 }: AppendRequest,
  ): Promise<Room | undefined> {
    const room = resumable.size === null ? await quotas.room(row.owner) : undefined
    room?.demand({ bytes: size === null ? length : size - resumable.received, files: 0 })
    return room
  }

  async function takeOver(upload: ResumableUpload, { offset }: AppendRequest): Promise<ResumableUpload> {
    const { id, owner } = upload.row
    const now = (await resumables.find(id, owner)) ?? upload
    const { received, is_complete } = now.resumable
    if (now.row.refusal !== null) await outcomeOf(records, now.row)
    if (now.row.media_id !== null || is_complete === 1) throw completed()
    if (offset !== undefined && offset !== received) throw mismatchingOffset(received, offset)
    const taken = await resumables.takeOver(id, owner, true)
    if (!taken) throw absent()
    // Until then another process may have stored more: bytes would follow that are not the next.
    if (offset !== undefined && offset !== taken.resumable.received)
      throw mismatchingOffset(taken.resumable.received, offset)
    return taken
  }

  /** Some errors end the upload: whatever comes after it would be in vain. */
  async function endIfFinal(id: string, error: unknown): Promise<void> {
    if (!(error instanceof TintypeError) || ![410, 413, 415].includes(error.status)) return
    if (await uploads.refuse(id, toRefusal(error), clock.now())) {
      crashPoint('resumable.refused')
      sweeper.wake()
    }
  }

  async function receive(
    upload: Appending,
    request: AppendRequest,
    {
      size,
      cut,
      reservation,
      reserved,
      room,
    }: {
      size: number | null
      cut: AbortSignal
      reservation: ScopedReservation
      reserved: number
      room: Room | undefined
    },
  ): Promise<AppendResult> {
    const { row, resumable } = upload
    const { checksums = [], isAtomic = checksums.length > 0, incoming } = request
    upload.isSizeNew = resumable.size !== size
    resumable.size = size
    const most = size ?? largestBytes(limits)
    const before = resumable.received
    const hash = hashes.take(row.id, before)
    const kept = isAtomic ? hash?.copy() : undefined
    const digests = checksums.map(({ algorithm }) => createHash(algorithm))
    const beside = reserved - connectionBytes
    const writer = createPartWriter(options, upload, {
      partBytes: partBytesFor(most),
      most,
      isFile: resumable.concat !== 'partial',
      atOnce: !isAtomic,
      mayComplete: request.isComplete !== false,
      hash,
      quota: room && (await quotas.of(row.owner)),
      reserve: (bytes) => reservation.growTo(connectionBytes + Math.max(bytes, beside)),
      hasRoom: () => !budget.isContested,
      onAcknowledged: (received) => request.onAcknowledged?.(received),
    })
    try {
      await writer.load()
      let failure: unknown
      try {
        await read(incoming, writer, {
          most,
          size,
          cut,
          digests,
          reserved,
          room: size === null ? room : undefined,
        })
      } catch (error) {
        failure = error
      }
      if (failure !== undefined && isAtomic) {
        await writer.discard()
        if (kept) hashes.keep(row.id, before, kept)
        throw failure
      }
      if (checksums.some(({ digest }, index) => !digests[index]?.digest().equals(digest))) {
        await writer.discard()
        if (kept) hashes.keep(row.id, before, kept)
        throw checksumMismatch(
          'What has arrived does not have the checksum that was sent with it: send it again.',
        )
      }
      const isWhole = size !== null && writer.taken === size
      const isComplete = failure === undefined && (request.isComplete ?? isWhole)
      if (isComplete && size !== null && !isWhole)
        failure = inconsistentLength(`The upload is to have ${size} bytes, and ${writer.taken} have come.`)
      if (failure === undefined && isComplete && resumable.concat !== 'partial') {
        return await finish(upload, request, writer, { hash: hash?.digest('hex'), reservation })
      }
      await writer.end({ isComplete: isComplete && failure === undefined, size }).catch((error: unknown) => {
        throw failure ?? error
      })
      if (hash) hashes.keep(row.id, writer.taken, hash)
      if (failure !== undefined) throw failure
      return { upload }
    } finally {
      writer.free()
    }
  }

  /** What fits into one buffer is published from there; anything else from S3. */
  async function finish(
    upload: Appending,
    { request }: AppendRequest,
    writer: PartWriter,
    { hash: sha256, reservation }: { hash: string | undefined; reservation: ScopedReservation },
  ): Promise<AppendResult> {
    const bytes = writer.whole
    const size = writer.taken
    const row = { ...upload.row, bytes: size }
    // A client that is told of the scan sends nothing again.
    if (bytes === undefined || hooks.scan) await writer.end({ isComplete: true, size })
    const whole = { ...upload, row: { ...upload.row, bytes: size }, sha256, request }
    if (bytes === undefined) return { upload, done: publication.complete(whole) }
    if (upload.isSizeNew) await keepSize(upload, size)
    const memory = createUploadMemory(reservation, size + connectionBytes, () => {
      writer.free()
      reservation.shrinkTo(connectionBytes)
    })
    const done = publication.complete({ ...whole, row, held: { bytes, memory } })
    try {
      await done
    } catch (error) {
      // It may be published later: then it need not be sent again.
      const isTemporary = error instanceof TintypeError && error.status >= 500
      if (isTemporary && !hooks.scan) await writer.end({ isComplete: true, size }).catch(() => {})
      throw error
    }
    upload.resumable.received = size
    return { upload, done }
  }

  /** What is published from memory is never acknowledged in parts: who asks later is told the length all the same. */
  async function keepSize(upload: ResumableUpload, size: number): Promise<void> {
    const { received, next_part: nextPart } = upload.resumable
    const entry = { parts: [], received, nextPart, isComplete: false, size, isOver: false }
    if (!(await resumables.acknowledge(upload, entry, clock.now()))) throw takenOver()
  }

  async function read(
    incoming: AppendRequest['incoming'],
    writer: PartWriter,
    how: {
      most: number
      size: number | null
      cut: AbortSignal
      digests: ReturnType<typeof createHash>[]
      reserved: number
      room: Room | undefined
    },
  ): Promise<void> {
    const { most, size, cut, digests, reserved, room } = how
    const before = writer.taken
    const { body } = incoming
    incoming.accept()
    await readBody(
      body,
      (chunk) => {
        if (writer.taken + chunk.length > most) throw size === null ? tooLarge(most) : outgrown(size)
        room?.demand({ bytes: writer.taken + chunk.length - before, files: 0 })
        for (const digest of digests) digest.update(chunk)
        return writer.write(chunk)
      },
      {
        clock,
        stallTimeout,
        leastRate: leastRate(budget, reserved),
        chunks: chunkMemory(body),
        signal: cut,
        brokenOff: () => (cut.aborted ? cut.reason : clientGone()),
      },
    )
  }

  return async function append(found: ResumableUpload, request: AppendRequest): Promise<AppendResult> {
    const { id } = found.row
    const { incoming, length } = request
    const turn = await turns.take(id, takenOver)
    try {
      const upload = await takeOver(found, request)
      try {
        const size = sizeOf(upload, request)
        const room = await roomFor(upload, size, request)
        const most = partBytesFor(size ?? largestBytes(limits))
        const first = Math.min(most, upload.resumable.tail_bytes + (length ?? 0))
        const reserved =
          (hooks.transforms.length > 0 ? withTransforms(first, budget) : first) + connectionBytes
        return await budget.within(reserved, incoming.signal, (reservation) =>
          receive(upload, request, { size, cut: turn.cut, reservation, reserved, room }),
        )
      } catch (error) {
        await endIfFinal(id, error)
        throw error
      }
    } finally {
      turn.end()
    }
  }
}

/** It ends there: draft-ietf-httpbis-resumable-upload, Upload Append. */
function outgrown(size: number): TintypeError {
  return new TintypeError('too_large', `More has come than the ${size} bytes that were announced.`, {
    limit: size,
  })
}
