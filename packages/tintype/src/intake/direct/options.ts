import type { Bucket } from '../../bucket/bucket.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { QuotaKeeper } from '../../quotas/quotas.ts'
import type { Records } from '../../records/records.ts'
import type { Sweeper } from '../../sweep/sweeper.ts'
import type { Finish } from '../finish.ts'
import type { Scanner } from '../scan/scan.ts'
import type { DirectExamineOptions } from './examine-object.ts'
import type { ObjectOptions } from './object.ts'

export interface DirectOptions extends DirectExamineOptions, ObjectOptions {
  records: Records
  bucket: Bucket
  finish: Finish
  quotas: Pick<QuotaKeeper, 'of' | 'room' | 'demandRoom'>
  scanner: Pick<Scanner, 'cancel'>
  sweeper: Sweeper
  clock: Clock
  log: Log
  /** Whether large files go in parts; else everything is one PUT. */
  multipart: boolean
  /** Whether the storage takes no bytes without their checksum. @default false */
  requireChecksum?: boolean | undefined
  /** Milliseconds in which a session has to be complete. */
  session: number
  /** Milliseconds that a signed URL is good for at the most. */
  signWrite: number
  /** Milliseconds until an unfinished step is swept. */
  deadline: number
}
