import type { Bucket } from '../../bucket/bucket.ts'
import { shuttingDown } from '../../closing.ts'
import type { Origin, UploadHooks } from '../../hooks/hooks.ts'
import type { Records } from '../../records/records.ts'
import type { UploadRow } from '../../records/schema.ts'
import { createJobQueue } from '../../workers/queue.ts'
import { aboutFile } from '../about-file.ts'
import { createPendingKeys, type PendingKeysOptions } from '../pending-keys.ts'
import type { PlannedFile } from '../planned-objects.ts'
import type { UploadMemory } from '../transform.ts'
import { formRows } from './form-rows.ts'
import { createScanLease } from './lease.ts'
import { cancelled, outcomeOf, tellOutcome } from './outcome.ts'
import { forgetBytes, scanFile } from './scan-file.ts'

/** Scans by the app: between the PUT and the transaction that makes a file visible. */
export interface Scanner {
  /**
   * Has the files scanned, then publishes them. Meanwhile their keys stay scheduled for deletion, with a deadline that
   * moves on: so what is interrupted is swept, and what takes long is not.
   *
   * @param dueAt of the keys that were just written to
   * @param publish is given the files with their present deadlines, and the sessions that it has to end
   * @throws {TintypeError} what a scan refuses a file with, saying which; `hook_failed`, `hook_timeout`,
   * `storage_unavailable`, `shutting_down`; `conflict` when it was cancelled; what `publish` throws. The keys are due then
   */
  around<T>(
    files: PlannedFile[],
    dueAt: number,
    ticket: ScanTicket,
    publish: (scanned: Scanned) => Promise<T>,
  ): Promise<T>
  /** Ends the scans of an upload that was cancelled in this process. Others notice by themselves, soon. */
  cancel(uploadId: string): void
  /** How many files are being scanned, and how many wait for that. */
  readonly running: number
  readonly waiting: number
  /** Waits a little for those in progress, then ends them. May be called again, for those that have begun meanwhile. */
  drain(): Promise<void>
}

export interface Scanned {
  files: PlannedFile[]
  /** Of the keys that were just written to. */
  dueAt: number
  /** Sessions of the files, in their order. */
  uploadIds: readonly string[]
  /** Whether the client has been told to ask for the outcome: its connection says nothing any more. */
  isAnswered: boolean
}

export interface ScanTicket extends Origin {
  signal?: AbortSignal | undefined
  caption?: string | null
  once?: { key: string; hash: string } | undefined
  /** The direct upload that the file came by: it has a session. */
  uploadId?: string | undefined
  hooks?: UploadHooks | undefined
  /** Given back when the scan takes long: from then on the files are read from S3. */
  memory?: UploadMemory | undefined
  answerSlow?: AnswerSlow | undefined
  /** Of the app: it is published inside it. */
  trx?: unknown
}

/**
 * Where the sender can be told to ask later: called when the scan takes long, with the sessions that it asks. From then
 * on the upload is independent of the request, and whatever was streamed to S3 is the scan's.
 */
export type AnswerSlow = (uploads: UploadRow[]) => void

export interface ScannerOptions extends PendingKeysOptions {
  bucket: Pick<Bucket, 'open'>
  records: Pick<Records, 'scans' | 'media'>
  /** Milliseconds after which an upload is answered before its scan is over. */
  answerWithin: number
  /** Milliseconds for which the outcome can be asked. */
  session: number
  /** Counts how a scan has ended. */
  count(outcome: string): void
}

/** Each may read from S3, and so take some memory that nothing else counts. */
const atOnce = 16
/** Milliseconds that {@link Scanner.drain} waits: most scans are over by then, and a process that is to stop is not killed yet. */
const drainTime = 5000

export function createScanner(options: ScannerOptions): Scanner {
  const { records, bucket, clock, log, deadline, answerWithin, session, count } = options
  const queue = createJobQueue({ slots: atOnce, clock })
  const underWay = new Set<Promise<unknown>>()
  const byUpload = new Map<string, AbortController>()
  const draining = new AbortController()
  let running = 0

  async function scanOne(
    scan: NonNullable<UploadHooks['scan']>,
    file: PlannedFile,
    origin: Origin,
    signal: AbortSignal,
  ): Promise<void> {
    const leave = await queue.enter({ owner: origin.owner, signal, timeLeft: () => Number.POSITIVE_INFINITY })
    running++
    try {
      await scanFile(scan, file, { origin, bucket, signal })
      count('passed')
    } catch (error) {
      count(outcomeOf(error, signal))
      throw error
    } finally {
      running--
      leave()
    }
  }

  /** All at once; the first that fails ends the others. */
  async function scanAll(
    scan: NonNullable<UploadHooks['scan']>,
    files: PlannedFile[],
    ticket: ScanTicket,
    stop: AbortController,
  ): Promise<void> {
    const { owner, way, fields, request } = ticket
    const origin = { owner, way, fields, request }
    const ended = files.map(async (file, index) => {
      try {
        await scanOne(scan, file, origin, stop.signal)
      } catch (error) {
        stop.abort(aboutFile(error, index, file.examined.name))
      }
    })
    await Promise.all(ended)
    stop.signal.throwIfAborted()
  }

  async function around<T>(
    scan: NonNullable<UploadHooks['scan']>,
    files: PlannedFile[],
    dueAt: number,
    ticket: ScanTicket,
    publish: (scanned: Scanned) => Promise<T>,
  ): Promise<T> {
    const stop = new AbortController()
    const pending = createPendingKeys(options)
    const lease = createScanLease({ scans: records.scans, clock, log })
    const unfollow = [pending.signal, lease.signal].map((signal) => follow(stop, signal))
    const leaveDrain = whenDraining(() => stop.abort(shuttingDown()))
    const leaveClient = follow(stop, ticket.signal)
    let slowing: Promise<void> | undefined
    let isAnswered = false

    /** It takes long. */
    async function slow(): Promise<void> {
      const { answerSlow, memory } = ticket
      let rows: UploadRow[] = []
      if (answerSlow && ticket.uploadId === undefined) {
        const now = clock.now()
        const times = { now, expiresAt: now + session, dueAt: now + session + deadline }
        rows = await lease.open(formRows(files, { ...ticket, caption: ticket.caption ?? null }, times))
      }
      for (const id of lease.ids) byUpload.set(id, stop)
      for (const file of files) forgetBytes(file)
      memory?.free?.()
      log.info('scan.slow', { uploads: lease.ids, names: files.map(({ examined }) => examined.name) })
      if (!answerSlow) return
      leaveClient()
      isAnswered = true
      answerSlow(rows)
    }

    let cancelTimer = () => {}
    try {
      await pending.adopt(keysOf(files, dueAt))
      if (ticket.uploadId !== undefined) {
        await lease.take(ticket.uploadId)
        byUpload.set(ticket.uploadId, stop)
      }
      cancelTimer = clock.after(answerWithin, () => {
        slowing = slow().catch((error: unknown) => stop.abort(error))
      })
      await scanAll(scan, files, ticket, stop)
      cancelTimer()
      await slowing
      stop.signal.throwIfAborted()
      const later = await pending.confirm()
      const uploadIds = lease.ids.length > 0 ? lease.ids : idsOf(ticket)
      const made = await publish({
        files: files.map((file) => redated(file, later)),
        dueAt: later,
        uploadIds,
        isAnswered,
      })
      lease.stop()
      return made
    } catch (error) {
      await slowing
      const ended = pending.release().then(() => tellOutcome(lease, ticket, error, options))
      // The app's transaction may hold what we have to wait for, and end by this error.
      if (ticket.trx === undefined) await ended
      throw error
    } finally {
      cancelTimer()
      leaveClient()
      leaveDrain()
      for (const leave of unfollow) leave()
      for (const id of lease.ids) byUpload.delete(id)
    }
  }

  /** From when the process is to stop, each scan has as much time. @returns cancels it */
  function whenDraining(end: () => void): () => void {
    const { signal } = draining
    let cancelTimer = () => {}
    const limit = () => {
      cancelTimer = clock.after(drainTime, end)
    }
    if (signal.aborted) limit()
    else signal.addEventListener('abort', limit, { once: true })
    return () => {
      signal.removeEventListener('abort', limit)
      cancelTimer()
    }
  }

  return {
    async around(files, dueAt, ticket, publish) {
      const scan = ticket.hooks?.scan
      if (!scan) return publish({ files, dueAt, uploadIds: idsOf(ticket), isAnswered: false })
      const work = around(scan, files, dueAt, ticket, publish)
      underWay.add(work)
      const ended = () => void underWay.delete(work)
      work.then(ended, ended)
      return work
    },
    cancel: (uploadId) => byUpload.get(uploadId)?.abort(cancelled()),
    get running() {
      return running
    },
    get waiting() {
      return queue.waiting
    },
    async drain() {
      draining.abort()
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

function idsOf({ uploadId }: ScanTicket): string[] {
  return uploadId === undefined ? [] : [uploadId]
}

/** Every key that has no date of its own to keep: that of an object which stays where a browser wrote it has its session's. */
function keysOf(files: PlannedFile[], dueAt: number) {
  return files.flatMap(({ plans, stored }) => [
    ...(stored && stored.writableUntil === null ? [{ key: stored.key, dueAt: stored.dueAt }] : []),
    ...plans.map(({ key }) => ({ key, dueAt })),
  ])
}

function redated(file: PlannedFile, dueAt: number): PlannedFile {
  const { stored } = file
  return stored && stored.writableUntil === null ? { ...file, stored: { ...stored, dueAt } } : file
}

/** @returns ends it. AbortSignal.any would keep the long-lived signal's dependants until they are collected */
function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => {}
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return () => signal.removeEventListener('abort', abort)
}
