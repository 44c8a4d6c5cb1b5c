import type { VariantJobRow } from '../records/schema.ts'
import { posterName, recipeOf, type VariantSpec } from '../variants/variant-spec.ts'

/** A variant that the app has configured. */
export interface ConfiguredVariant extends VariantSpec {
  /** Made without being asked for. */
  eager: boolean
}

/** What is made of each photo, and when. */
export interface Configured {
  all: readonly ConfiguredVariant[]
  /** Made by the decode check, so that it is there when the upload answers. */
  atOnce: readonly VariantSpec[]
  /** Made after that, without being asked for. */
  afterwards: readonly VariantSpec[]
  /** What is still to be made of a media that is published with these variants. */
  jobsFor(
    media: { id: string; kind: string },
    made: readonly { name: string }[],
    now: number,
  ): VariantJobRow[]
}

/** Whether there is a picture that variants can be made of: those of a video are made of its poster. */
export function hasPicture(media: { kind: string }, made: readonly { name: string }[]): boolean {
  return media.kind === 'image' || made.some(({ name }) => name === posterName)
}

export function createConfigured(all: readonly ConfiguredVariant[]): Configured {
  return {
    all,
    atOnce: all.filter(({ name, eager }) => name === 'thumb' && eager),
    afterwards: all.filter(({ name, eager }) => name !== 'thumb' && eager),
    jobsFor({ id, kind }, made, now) {
      if (!hasPicture({ kind }, made)) return []
      return all
        .filter(({ name, eager }) => eager && !made.some((one) => one.name === name))
        .map((spec) => jobFor(id, spec, now))
    },
  }
}

export function jobFor(mediaId: string, spec: VariantSpec, now: number, dueAt = now): VariantJobRow {
  return {
    media_id: mediaId,
    name: spec.name,
    recipe: recipeOf(spec),
    created_at: now,
    due_at: dueAt,
    attempts: 0,
    failed_at: null,
    code: null,
    error: null,
  }
}
