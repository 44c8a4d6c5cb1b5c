import type { MediaRow, VariantRow } from '../records/schema.ts'
import { type AttemptOptions, createAttempt } from './attempt.ts'
import type { Configured } from './configured.ts'
import { createMakeVariants, type MakeVariantsOptions } from './make-variants.ts'
import { type RebuildRequest, type RebuildTotals, rebuildVariants } from './rebuild.ts'
import { createVariantWorker, type VariantWorker } from './variant-worker.ts'

/** Variants: those that are made after an upload has answered, and those that are asked for. */
export interface Derivation extends VariantWorker {
  jobsFor: Configured['jobsFor']
  /**
   * A variant that the app has configured and that is not there yet: it is made now.
   * @returns undefined for a name that is not configured
   * @throws {TintypeError} as {@link VariantWorker.ask}
   */
  askFor(media: Pick<MediaRow, 'id'>, name: string): Promise<VariantRow | undefined>
  /** Makes anew what the configuration has changed. */
  rebuild(options?: RebuildRequest): Promise<RebuildTotals>
}

export function createDerivation({
  configured,
  ...options
}: Omit<AttemptOptions, 'make'> &
  MakeVariantsOptions & { configured: Configured; isBackground?: boolean }): Derivation {
  const { records, clock } = options
  const attempt = createAttempt({ ...options, make: createMakeVariants(options) })
  const worker = createVariantWorker({ ...options, variants: records.variants, attempt })
  return {
    ...worker,
    jobsFor: configured.jobsFor,
    async askFor({ id }, name) {
      const spec = configured.all.find((one) => one.name === name)
      return spec && worker.ask(id, spec)
    },
    rebuild: ({ dryRun = false, ...request } = {}) =>
      rebuildVariants({
        ...request,
        records,
        configured,
        makeDue: worker.makeDue,
        clock,
        grace: options.grace,
        isDryRun: dryRun,
      }),
  }
}
