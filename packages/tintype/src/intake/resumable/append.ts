import { createHash } from 'node:crypto'
import { crashPoint } from '../../crash-points.ts'
import { TintypeError } from '../../errors.ts'
import { largestBytes } from '../../inspect/limits.ts'
import { connectionBytes, type ScopedReservation } from '../../memory/budget.ts'
import type { Room } from '../../quotas/quotas.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { Completed } from '../completion.ts'
import { absent } from '../direct/complete.ts'
import { outcomeOf } from '../direct/state.ts'
import { leastRate, withTransforms } from '../form/form.ts'
import { toRefusal } from '../refusal.ts'
import { createUploadMemory } from '../transform.ts'
import { type AppendRequest, lengthOf, sizeOf } from './append-request.ts'
import { checksumMismatch, completed, inconsistentLength, mismatchingOffset, takenOver } from './errors.ts'
import type { KeptParts } from './kept-parts.ts'
import { partBytesFor, type ResumableOptions } from './options.ts'
import { createPartMemory } from './part-memory.ts'
import { createPartWriter, firstBuffer, type PartWriter } from './part-writer.ts'
import type { createPublication } from './publish.ts'
import { readInto } from './read-into.ts'
import type { RunningHashes } from './running-hash.ts'
import { bytesIn } from './tail.ts'
import type { Turns } from './turns.ts'

export interface AppendOptions extends ResumableOptions {
  publication: ReturnType<typeof createPublication>
  turns: Turns
  hashes: RunningHashes
  keptParts: KeptParts
}

/** So much of the memory for uploads stays free beside slow senders: for forms, and for parts that are put together. */
const spareShare = 4

type Appending = ResumableUpload & { isSizeNew?: boolean }

/** What has been appended; `done` when it was the last of it. */
interface AppendResult {
  upload: ResumableUpload
  done?: Promise<Completed>
}

export function createAppend(options: AppendOptions) {
  const {
    records,
    budget,
    limits,
    hooks,
    quotas,
    clock,
    stallTimeout,
    publication,
    turns,
    hashes,
    keptParts,
    sweeper,
  } = options
  const { resumables, uploads } = records

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

  async function takeOver(upload: ResumableUpload, request: AppendRequest): Promise<ResumableUpload> {
    const { offset } = request
    const { id, owner } = upload.row
    const now = (await resumables.find(id, owner)) ?? upload
    const { received, is_complete } = now.resumable
    if (now.row.refusal !== null) await outcomeOf(records, now.row)
    if (now.row.media_id !== null || is_complete === 1) throw refusedByComplete(now, request)
    if (offset !== undefined && offset !== received) throw mismatchingOffset(received, offset)
    const taken = await resumables.takeOver(id, owner, true)
    if (!taken) throw absent()
    // Until then another process may have stored more: bytes would follow that are not the next.
    if (offset !== undefined && offset !== taken.resumable.received)
      throw mismatchingOffset(taken.resumable.received, offset)
    return taken
  }

  /** Some errors end the upload: whatever comes after it would be in vain. */
  async function endIfFinal(
    { row: { id, owner }, resumable }: ResumableUpload,
    error: unknown,
  ): Promise<void> {
    if (!(error instanceof TintypeError) || ![410, 413, 415].includes(error.status)) return
    if (await uploads.refuse(id, toRefusal(error), clock.now(), resumable.writer)) {
      crashPoint('resumable.refused')
      sweeper.wake()
      return
    }
    if (error.status !== 410) return
    // What is gone has been put elsewhere by another process, which goes on with it: unless publishing it has refused it.
    const now = await uploads.find(id, owner)
    if (!now || now.refusal === null) throw takenOver()
  }

  async function receive(
    upload: Appending,
    request: AppendRequest,
    {
      size,
      cut,
      reservation,
      first,
      until,
      room,
    }: {
      size: number | null
      cut: AbortSignal
      reservation: ScopedReservation
      first: number
      until: number
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
    const memory = createPartMemory(options.bufferPool, reservation, first)
    const writer = createPartWriter(options, upload, {
      partBytes: partBytesFor(most),
      most,
      until,
      isFile: resumable.concat !== 'partial',
      atOnce: !isAtomic,
      mayComplete: request.isComplete !== false,
      hash,
      quota: room && (await quotas.of(row.owner)),
      memory,
      isContested: () => budget.isContested,
      onAcknowledged: (received) => request.onAcknowledged?.(received),
    })
    try {
      writer.load()
      let failure: unknown
      try {
        await readInto(writer, incoming, {
          clock,
          stallTimeout,
          most,
          size,
          cut,
          digests,
          leastRate: () => leastRate(budget, connectionBytes + memory.bytes)(),
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
      keepPart(upload, writer, reservation)
      if (failure !== undefined) throw failure
      return { upload }
    } finally {
      writer.free()
    }
  }

  /** The room that this request has had is free from then on. */
  function keepPart(
    { row, resumable }: ResumableUpload,
    writer: PartWriter,
    reservation: ScopedReservation,
  ): void {
    const part = writer.handOver()
    writer.free()
    reservation.shrinkTo(connectionBytes)
    if (part && resumable.is_complete === 0) keptParts.keep(row.id, resumable.tail, part)
    else part?.buffer.free()
  }

  /** What fits into one part is published from memory where there is room for that; anything else from S3. */
  async function finish(
    upload: Appending,
    { request }: AppendRequest,
    writer: PartWriter,
    { hash: sha256, reservation }: { hash: string | undefined; reservation: ScopedReservation },
  ): Promise<AppendResult> {
    const size = writer.taken
    const bytes = await writer.whole(hooks.transforms.length > 0 ? withTransforms(size, budget) - size : 0)
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

  /** What is published from memory is never acknowledged in parts: a client that asks later is told the length all the same. */
  async function keepSize(upload: ResumableUpload, size: number): Promise<void> {
    const { received, next_part: nextPart } = upload.resumable
    const entry = { parts: [], received, nextPart, isComplete: false, size, isOver: false }
    if (!(await resumables.acknowledge(upload, entry, clock.now()))) throw takenOver()
  }

  return async function append(found: ResumableUpload, request: AppendRequest): Promise<AppendResult> {
    const { id } = found.row
    const { incoming, length } = request
    const turn = await turns.take(id, takenOver)
    try {
      const upload = await takeOver(found, request)
      try {
        const size = sizeOf(upload, request, limits)
        const room = await roomFor(upload, size, request)
        const { cut } = turn
        const { received, tail } = upload.resumable
        const most = size ?? largestBytes(limits)
        const until = length === undefined ? most : Math.min(most, received + length)
        const part = partBytesFor(most)
        const first = Math.min(firstBuffer, part, bytesIn(tail) + until - received)
        return await budget.within(
          first + connectionBytes,
          AbortSignal.any([incoming.signal, cut]),
          (reservation) => receive(upload, request, { size, cut, reservation, first, until, room }),
          { spare: Math.max(part, budget.bytes / spareShare) },
        )
      } catch (error) {
        await endIfFinal(upload, error)
        throw error
      }
    } finally {
      turn.end()
    }
  }
}

/** What comes after the end, or would be another length. */
function refusedByComplete(upload: ResumableUpload, { offset, size }: AppendRequest): TintypeError {
  const length = lengthOf(upload)
  // To what was put together nothing is added at all: https://tus.io/protocols/resumable-upload#concatenation
  if (upload.resumable.concat?.startsWith('final')) return completed(length)
  if ((offset ?? length) === length && (size ?? length) !== length)
    return inconsistentLength(`The upload is complete with ${length} bytes, and is to have ${size} now.`)
  return completed(length, offset)
}
