import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Bucket } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import { TintypeError } from '../../errors.ts'
import type { ResumableUpload } from '../../records/resumable-records.ts'
import type { AppendRequest } from './append-request.ts'
import type { Appended } from './appended.ts'
import { takenOver } from './errors.ts'
import type { FromRequest, NewResumable } from './new-resumable.ts'

export interface ConcatenateOptions {
  bucket: Pick<Bucket, 'open'>
  clock: Clock
  /** @throws {TintypeError} `not_found`, `upload_gone` */
  find(id: string, owner: string): Promise<ResumableUpload>
  /** What has become of an upload that was begun before; where it has not ended, nobody else writes to it from then on. */
  answer(id: string, owner: string): Promise<Appended>
  completeObject(piece: ResumableUpload): Promise<unknown>
  /**
   * @param how.granted bytes of it that are counted for its pieces already; it takes a place of theirs, too
   * @throws {TintypeError} `conflict` where there is one of this id
   */
  open(
    owner: string,
    file: NewResumable,
    from: FromRequest,
    how: { granted: number; id: string },
  ): Promise<ResumableUpload>
  append(upload: ResumableUpload, body: AppendRequest): Promise<Appended>
  /** Its bytes are in the media of this id. */
  join(piece: ResumableUpload, into: string): Promise<void>
}

export type Concatenate = (
  owner: string,
  file: NewResumable,
  pieces: string[],
  from: FromRequest,
) => Promise<Appended>

/** Milliseconds. */
const patience = 15_000
const betweenLooks = 100

/**
 * Puts uploads together: tus's extension Concatenation, by which clients send a file in several requests at a time. The
 * pieces are read through once, since S3 copies nothing into a part that is smaller than 5 MiB, and pieces are as large as
 * clients like.
 *
 * The same pieces in the same order are always the same upload: the ledger takes its id once. A client that got no answer
 * asks again, at whatever process, and gets that of the first time; where that was interrupted, the second goes on with it.
 */
export function createConcatenate(options: ConcatenateOptions): Concatenate {
  const { bucket, clock, find, answer, completeObject, open, append, join } = options
  /** In this process. */
  const running = new Map<string, Promise<Appended>>()

  async function piecesOf(owner: string, ids: string[]): Promise<ResumableUpload[]> {
    const pieces = await Promise.all(ids.map((id) => find(id, owner).catch(ifAbsent)))
    const whole = pieces.filter((piece) => piece !== undefined)
    if (whole.length !== pieces.length || whole.some(({ resumable }) => resumable.concat !== 'partial'))
      throw wrongPiece('Upload-Concat names an upload that is no piece of yours.')
    if (whole.some(({ row }) => row.media_id !== null))
      throw wrongPiece('Upload-Concat names a piece that is part of another upload already.')
    if (whole.some(({ resumable }) => resumable.is_complete === 0))
      throw wrongPiece('Upload-Concat names a piece that has not come whole.')
    return whole
  }

  /** @returns undefined where it has not begun, or not ended */
  async function answerOf(id: string, owner: string): Promise<Appended | undefined> {
    const begun = await find(id, owner).catch(ifAbsent)
    return begun && answer(id, owner)
  }

  async function carryOut(
    id: string,
    owner: string,
    file: NewResumable,
    ids: string[],
    from: FromRequest,
  ): Promise<Appended> {
    const before = await answerOf(id, owner)
    if (before && before.state !== 'open') return before
    const pieces = await piecesOf(owner, ids)
    for (const piece of different(pieces)) if (piece.row.s3_upload_id !== null) await completeObject(piece)
    const size = bytesIn(pieces)
    // One that is named twice is read twice, and counted once.
    const granted = bytesIn(different(pieces))
    const upload = before?.upload ?? (await open(owner, { ...file, size }, from, { granted, id }))
    const { received: offset } = upload.resumable
    const bytes = bytesOf(bucket, pieces, offset)
    const body = Readable.from(bytes, { objectMode: false, highWaterMark: 256 * 1024 })
    const incoming = { body, signal: new AbortController().signal, accept() {} }
    return append(upload, { offset, size, length: size - offset, isComplete: true, incoming })
  }

  /** Another process goes on with it, or was faster: its answer is this one's. */
  async function elsewhere(id: string, owner: string): Promise<Appended> {
    for (const until = clock.now() + patience; clock.now() < until; ) {
      const found = await find(id, owner).catch(ifAbsent)
      if (!found) break
      if (found.row.media_id !== null || found.row.refusal !== null) return answer(id, owner)
      await new Promise<void>((resolve) => clock.after(betweenLooks, resolve))
    }
    throw takenOver()
  }

  async function once(...args: Parameters<typeof carryOut>): Promise<Appended> {
    const [id, owner, , ids] = args
    const done = await carryOut(...args).catch(async (error: unknown) => {
      // Also where the other one has used the pieces up while they were read here.
      const other = await find(id, owner).catch(() => undefined)
      if (!other || (other.row.media_id === null && !isConflict(error))) throw error
      return elsewhere(id, owner)
    })
    if (done.state === 'open') return done
    for (const piece of new Set(ids)) {
      // What fails here is done when it is asked for again, or when the piece's time is over.
      const found = await find(piece, owner).catch(() => undefined)
      if (found?.row.media_id === null) await join(found, id).catch(() => {})
    }
    return done
  }

  return (owner, file, ids, from) => {
    const id = idOfPieces(owner, ids)
    const same = running.get(id)
    if (same) return same
    const work = once(id, owner, file, ids, from).finally(() => running.delete(id))
    running.set(id, work)
    return work
  }
}

/** As hard to guess as the ids of the pieces, and another one for each owner. */
function idOfPieces(owner: string, ids: string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([owner, ...ids]))
    .digest()
  return digest.subarray(0, 16).toString('base64url')
}

function different(pieces: ResumableUpload[]): ResumableUpload[] {
  return [...new Map(pieces.map((piece) => [piece.row.id, piece])).values()]
}

function bytesIn(pieces: ResumableUpload[]): number {
  return pieces.reduce((sum, { resumable }) => sum + resumable.received, 0)
}

async function* bytesOf(
  bucket: Pick<Bucket, 'open'>,
  pieces: ResumableUpload[],
  from: number,
): AsyncGenerator<Uint8Array> {
  let at = 0
  for (const { row, resumable } of pieces) {
    const { key, s3_upload_id } = row
    const objects = s3_upload_id === null ? resumable.tail : [{ key, bytes: resumable.received }]
    for (const { key, bytes } of objects) {
      const start = Math.max(0, from - at)
      if (start < bytes) yield* await bucket.open(key, start === 0 ? {} : { range: { start, end: bytes } })
      at += bytes
    }
  }
}

function wrongPiece(message: string): TintypeError {
  return new TintypeError('invalid_parameter', message)
}

function ifAbsent(error: unknown): undefined {
  if (error instanceof TintypeError && error.status < 500) return undefined
  throw error
}

function isConflict(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'conflict'
}
