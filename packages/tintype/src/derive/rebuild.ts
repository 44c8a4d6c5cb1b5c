import type { Clock } from '../clock.ts'
import type { Records } from '../records/records.ts'
import type { VariantJobRow } from '../records/schema.ts'
import type { VariantState } from '../records/variant-pages.ts'
import { posterName, recipeOf } from '../variants/variant-spec.ts'
import { type Configured, hasPicture, jobFor } from './configured.ts'
import { posterSpec } from './make-poster.ts'

/** What {@link Tintype.rebuildVariants} has done so far. */
export interface RebuildTotals {
  /** Photos and videos that were looked at. */
  photos: number
  /** Photos and videos that there are. */
  allPhotos: number
  /** Variants that are not as they are configured now, or missing. */
  outdated: number
  /** Variants that were made, those of other photos that waited for it included. */
  made: number
  /** Variants whose name is not configured any more: removed. */
  removed: number
}

/** What may be said of it. */
export interface RebuildRequest {
  /** Counts what would be made and removed, and does neither. @default false */
  dryRun?: boolean | undefined
  /** Told after every page. */
  onProgress?: ((totals: Readonly<RebuildTotals>) => void) | undefined
  /** Ends it; the next run goes on. */
  signal?: AbortSignal | undefined
}

export interface RebuildOptions extends Omit<RebuildRequest, 'dryRun'> {
  records: Pick<Records, 'variants'>
  configured: Configured
  /** Makes all that is due. @returns how many variants were made */
  makeDue(): Promise<number>
  clock: Clock
  /** Milliseconds that what is removed stays readable. */
  grace: number
  /** Only counts. */
  isDryRun: boolean
}

const page = 50

/**
 * Makes anew what the configuration has changed, page by page. What is to be made is written to the ledger first: so an end
 * half-way loses nothing, a running server helps, and a second run passes over what is right already.
 */
export async function rebuildVariants(options: RebuildOptions): Promise<RebuildTotals> {
  const { records, configured, makeDue, clock, grace, isDryRun, onProgress, signal } = options
  const { variants } = records
  const allPhotos = await variants.countAll()
  const totals: RebuildTotals = { photos: 0, allPhotos, outdated: 0, made: 0, removed: 0 }
  for (let after = ''; !signal?.aborted; ) {
    const photos = await variants.page(after, page)
    for (const photo of photos) {
      const jobs = outdated(photo, configured, clock.now())
      const obsolete = obsoleteNames(photo, configured)
      totals.outdated += jobs.length
      if (isDryRun) totals.removed += obsolete.length
      else {
        if (jobs.length > 0) await variants.addAnew(jobs)
        if (obsolete.length > 0)
          totals.removed += await variants.remove(photo.id, obsolete, clock.now() + grace)
      }
      totals.photos++
    }
    if (!isDryRun) {
      totals.made += await makeDue()
      // What else there is of a video is made of the poster that it has got now.
      if (photos.some(lacksPoster)) totals.made += await makeOfPosters(after)
    }
    onProgress?.(totals)
    const last = photos.at(-1)
    if (!last || photos.length < page) break
    after = last.id
  }
  return totals

  async function makeOfPosters(after: string): Promise<number> {
    for (const video of (await variants.page(after, page)).filter(({ kind }) => kind === 'video')) {
      const jobs = lacksPoster(video) ? [] : outdated(video, configured, clock.now())
      totals.outdated += jobs.length
      if (jobs.length > 0) await variants.addAnew(jobs)
    }
    return makeDue()
  }
}

const lacksPoster = ({ kind, variants }: VariantState) => !hasPicture({ kind }, variants)

/** Of those that are not eager, only what somebody has asked for is made anew. */
function outdated(state: VariantState, { all, atOnce }: Configured, now: number): VariantJobRow[] {
  const { id, variants } = state
  if (lacksPoster(state)) return [posterSpec, ...atOnce].map((spec) => jobFor(id, spec, now))
  const recipes = new Map(variants.map(({ name, recipe }) => [name, recipe]))
  return all
    .filter((spec) => (recipes.has(spec.name) ? recipes.get(spec.name) !== recipeOf(spec) : spec.eager))
    .map((spec) => jobFor(id, spec, now))
}

/** Names with a dot are those of sizes that are made on demand, which nothing configures. */
function obsoleteNames({ variants, jobs }: VariantState, { all }: Configured): string[] {
  const known = new Set(all.map(({ name }) => name))
  const names = new Set([...variants, ...jobs].map(({ name }) => name))
  return [...names].filter((name) => !known.has(name) && name !== posterName && !name.includes('.'))
}
