import { noPicture } from '../errors.ts'
import type { Posters } from '../intake/poster.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { VariantRow } from '../records/schema.ts'
import { type AttemptOptions, createAttempt } from './attempt.ts'
import { type Configured, hasPicture } from './configured.ts'
import { createHandedOver, type HandedOver } from './early.ts'
import { createKeepPoster, type KeepPoster } from './keep-poster.ts'
import { createMakePoster } from './make-poster.ts'
import { createMakeVariants, type MakeVariantsOptions } from './make-variants.ts'
import { type RebuildRequest, type RebuildTotals, rebuildVariants } from './rebuild.ts'
import { createVariantWorker, type VariantWorker } from './variant-worker.ts'

/** Variants: those that are made after an upload has answered, and those that are asked for. */
export interface Derivation extends VariantWorker {
  jobsFor: Configured['jobsFor']
  /** Some of what is to be made of the original with this key is made already. Before the next {@link VariantWorker.wake}. */
  handOver: HandedOver['give']
  /**
   * A variant that the app has configured and that is not there yet: it is made now.
   * @returns undefined for a name that is not configured
   * @throws {TintypeError} as {@link VariantWorker.ask}; `not_found` for a video without a poster, of which nothing is planned
   */
  askFor(found: MediaWithVariants, name: string): Promise<VariantRow | undefined>
  keepPoster: KeepPoster
  /** Makes anew what the configuration has changed. */
  rebuild(options?: RebuildRequest): Promise<RebuildTotals>
}

export function createDerivation({
  configured,
  ...options
}: Omit<AttemptOptions, 'make' | 'makePoster' | 'handedOver'> &
  MakeVariantsOptions & { posters: Pick<Posters, 'of' | 'fromPicture'> } & {
    configured: Configured
    isBackground?: boolean
  }): Derivation {
  const { records, clock } = options
  const handedOver = createHandedOver()
  const attempt = createAttempt({
    ...options,
    handedOver,
    make: createMakeVariants(options),
    makePoster: createMakePoster(options),
  })
  const worker = createVariantWorker({ ...options, variants: records.variants, attempt })
  return {
    ...worker,
    jobsFor: configured.jobsFor,
    handOver: handedOver.give,
    keepPoster: createKeepPoster({ ...options, configured, attempt, wake: worker.wake }),
    async askFor({ media, variants }, name) {
      const spec = configured.all.find((one) => one.name === name)
      if (spec && !hasPicture(media, variants)) throw noPicture()
      return spec && worker.ask(media.id, spec)
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
