import { knownTypes } from '@tintype/protocol'
import type { TintypeOptions } from '../options.ts'
import { ConfigError } from './error.ts'

const largest = Number.MAX_SAFE_INTEGER

/** Least and most of each limit. */
const ranges: Record<string, readonly [number, number]> = {
  imageBytes: [1, largest],
  videoBytes: [1, largest],
  pixels: [1, largest],
  frames: [1, largest],
  files: [1, 1000],
  memory: [1, largest],
} satisfies Record<keyof NonNullable<TintypeOptions['limits']>, readonly [number, number]>

/** Ten years, in seconds: no date of the database is passed by it. */
const longestClaim = 315_360_000

/**
 * The limits of an app; one that is undefined is left out. Whatever is no number would be no limit at all, since nothing
 * is larger than it.
 *
 * @throws {ConfigError}
 */
export function readLimits(limits: TintypeOptions['limits'] = {}): NonNullable<TintypeOptions['limits']> {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined
    if (!range) {
      throw new ConfigError(`limits.${name} is not known; there are ${Object.keys(ranges).join(', ')}.`)
    }
    readWhole(`limits.${name}`, value, range)
  }
  return Object.fromEntries(given)
}

/** @throws {ConfigError} */
export function readWhole(name: string, value: unknown, [least, most]: readonly [number, number]): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number
  }
  const range = most === largest ? `of at least ${least}` : `from ${least} to ${most}`
  throw new ConfigError(`${name} is ${shown(value)}; it has to be a whole number ${range}.`)
}

/** Types that are taken, some of those that can be. @throws {ConfigError} */
export function readAccept(accept: TintypeOptions['accept']): ReadonlySet<string> | undefined {
  if (accept === undefined) return undefined
  const known: readonly unknown[] = knownTypes
  if (!Array.isArray(accept) || accept.length === 0 || !accept.every((type) => known.includes(type))) {
    throw new ConfigError(
      `accept is ${shown(accept)}; it has to be a list of some of ${knownTypes.join(', ')}.`,
    )
  }
  return new Set(accept)
}

/** Seconds. @throws {ConfigError} */
export function readClaimWithin(value: TintypeOptions['claimWithin']): number | undefined {
  return value === undefined ? undefined : readWhole('claimWithin', value, [1, longestClaim])
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)
}
