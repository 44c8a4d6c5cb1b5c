import { createBufferPool } from '../memory/buffer-pool.ts'
import { createDirect } from './direct/direct.ts'
import type { DirectOptions } from './direct/options.ts'
import { createFinish, type Finish, type FinishOptions } from './finish.ts'
import { createIntake, type Intake, type IntakeOptions } from './form/intake.ts'
import { planParts } from './part-plan.ts'
import { partBytesFor } from './resumable/options.ts'
import { createResumable } from './resumable/resumable.ts'
import { createScanner, type ScannerOptions } from './scan/scan.ts'

/** What the ways in have in common, and what each of them takes. */
export type WaysInOptions = Omit<FinishOptions, 'scanner'> &
  Omit<ScannerOptions, 'ledger'> &
  Omit<IntakeOptions, 'finish' | 'limits' | 'cleaning' | 'bufferPool' | 'ledger'> &
  Omit<DirectOptions, 'finish' | 'limits' | 'cleaning' | 'bufferPool' | 'scanner'> & {
    limits: { form: IntakeOptions['limits']; direct: DirectOptions['limits'] }
    /** Bytes of the memory for uploads. */
    uploads: number
    observe: { finish(finish: Finish): Finish; intake(intake: Intake): Intake }
  }

/** The ways in (form, body and stream in `intake`, direct and resumable uploads), and their one ending. */
export function createWaysIn(options: WaysInOptions) {
  const { records, bucket, multipart, limits, uploads, observe } = options
  const { ledger } = records
  const scanner = createScanner({ ...options, ledger })
  const finish = observe.finish(createFinish({ ...options, scanner }))
  const { videoBytes } = limits.form
  const inMemory = multipart
    ? Math.max(planParts(videoBytes).partBytes, partBytesFor(videoBytes))
    : videoBytes
  const bufferPool = createBufferPool({
    largest: Math.min(uploads, Math.max(limits.direct.imageBytes, inMemory)),
  })
  const cleaning = { bucket, ledger, multipart }
  const shared = { ...options, finish, bufferPool, cleaning }
  const intake = observe.intake(createIntake({ ...shared, ledger, limits: limits.form }))
  const direct = createDirect({ ...shared, scanner, limits: limits.direct })
  const resumable = createResumable({ ...shared, scanner, limits: limits.direct })
  return {
    scanner,
    intake,
    direct,
    resumable,
    /** Accepts nothing more, and waits for what is under way. */
    async drain(): Promise<void> {
      await Promise.all([intake.drain(), direct.drain(), resumable.drain(), scanner.drain()])
      // What was answered before its scan was over goes on by itself.
      await scanner.drain()
    },
  }
}
