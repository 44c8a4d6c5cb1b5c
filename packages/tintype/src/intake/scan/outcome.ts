/** How a scan has ended: for the metrics, and for those who ask what has become of an upload. */
import { TintypeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Records } from '../../records/records.ts'
import { toRefusal } from '../refusal.ts'
import type { ScanLease } from './lease.ts'

/** As `tintype_scans_total` counts one that has not passed. @param signal ends it */
export function outcomeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted && error === signal.reason) return 'ended'
  if (!(error instanceof TintypeError)) return 'failed'
  if (error.code === 'hook_timeout') return 'timed_out'
  return error.status < 500 ? 'refused' : 'failed'
}

/** Ends the sessions of an upload that was not published, with the error that says why. Never throws. */
export async function tellOutcome(
  lease: ScanLease,
  upload: { once?: { key: string } | undefined; uploadId?: string | undefined },
  error: unknown,
  { records, log }: { records: Pick<Records, 'scans' | 'media'>; log: Log },
): Promise<void> {
  lease.stop()
  if (lease.ids.length === 0) return
  const { once, uploadId } = upload
  try {
    // A direct upload is there still, and refused by those who complete it.
    if (uploadId !== undefined) return await lease.release()
    const faster = once && isConflict(error) ? await records.media.findByRequest(once.key) : []
    if (faster.length > 0) {
      return await records.scans.name(
        [...lease.ids],
        faster.map(({ media }) => media.id),
      )
    }
    const told = error instanceof TintypeError ? error : internal(error)
    await lease.refuse(toRefusal(told))
    log.info('scan.refused', { uploads: lease.ids, code: told.code, error })
  } catch (failure) {
    // Then the lease ends by itself, and the session says that the scan was interrupted.
    log.error('scan.outcome_lost', { uploads: lease.ids, error: failure })
  }
}

export function cancelled(): TintypeError {
  return new TintypeError('conflict', 'The upload was cancelled.')
}

function isConflict(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'conflict'
}

function internal(cause: unknown): TintypeError {
  return new TintypeError('internal', 'Something went wrong here. Send it again.', { cause })
}
