import type { Clock } from '../clock.ts'
import type { Budget } from '../memory/budget.ts'
import type { Picture } from '../variants/check-answer.ts'
import { isSmallEnough, outputSize, recipeOf, type VariantSpec } from '../variants/variant-spec.ts'

/**
 * Variants that the decode check goes on to make of the pixels that it has, after the upload has answered: nothing has to
 * be decoded twice. Only a shortcut: the ledger says what is still to be made, and where these get lost it is made anew.
 */
export interface EarlyVariants {
  /**
   * Room for what will come of a picture, for a minute.
   * @returns undefined where nothing of it is made early, or uploads want the memory
   */
  begin(picture: { width: number; height: number; frames: number }): EarlyRoom | undefined
}

export interface EarlyRoom {
  specs: readonly VariantSpec[]
  /** They are on their way. */
  fill(pictures: Promise<readonly Picture[]>): Early
  /** None will come. */
  leave(): void
}

/** What goes with an upload until its media is there. */
export interface Early {
  specs: readonly VariantSpec[]
  /** Once. @returns none where they took too long, or uploads wanted the memory */
  take(): Promise<readonly Picture[]>
}

/** Those of media that are there, by the key of the original, until their jobs are leased. */
export interface HandedOver {
  give(key: string, early: Early): void
  /** @returns those that are wanted */
  take(key: string, wanted: readonly VariantSpec[]): Promise<Picture[]>
}

/** More than wait at a time: what another process has made is never asked for here. */
const mostHandedOver = 100

export function createHandedOver(): HandedOver {
  const waiting = new Map<string, Early>()
  return {
    give(key, early) {
      waiting.set(key, early)
      const [oldest] = waiting.keys()
      if (waiting.size > mostHandedOver && oldest !== undefined) waiting.delete(oldest)
    },
    async take(key, wanted) {
      const recipes = new Map(wanted.map((spec) => [spec.name, recipeOf(spec)]))
      const early = waiting.get(key)
      if (!early?.specs.some((spec) => recipes.get(spec.name) === recipeOf(spec))) return []
      waiting.delete(key)
      return (await early.take()).filter(({ name, recipe }) => recipes.get(name) === recipe)
    },
  }
}

/** Milliseconds for which they are kept: after that the upload has ended, or waits for a scan. */
const keptFor = 60_000

/** @param options.specs all that is made without being asked for, beside what the decode check makes */
export function createEarlyVariants({
  specs: all,
  budget,
  clock,
}: {
  specs: readonly VariantSpec[]
  budget: Pick<Budget, 'lend'>
  clock: Clock
}): EarlyVariants {
  return {
    begin(picture) {
      const specs = all.filter((spec) => isSmallEnough(spec, picture))
      if (specs.length === 0 || picture.frames > 1) return undefined
      const sizes = specs.map((spec) => outputSize(spec, picture))
      const bytes = sizes.reduce((sum, { width, height }) => sum + width * height, 0)
      let kept: Promise<readonly Picture[]> | undefined
      const drop = () => {
        kept = undefined
      }
      const end = budget.lend(bytes, drop)
      if (!end) return undefined
      const leave = () => {
        drop()
        end()
        cancelTimer()
      }
      const cancelTimer = clock.after(keptFor, leave)
      return {
        specs,
        leave,
        fill(pictures) {
          kept = pictures
          return {
            specs,
            async take() {
              const taken = (await kept?.catch(() => [])) ?? []
              leave()
              return taken
            },
          }
        },
      }
    },
  }
}
