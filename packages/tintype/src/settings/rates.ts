import type { Rate } from '../quotas/rates.ts'
import { type Kind, whole } from './kinds.ts'
import { type Options, optionalGroup, readOptions } from './read.ts'
import { wrongText } from './shown.ts'

const most = 1_000_000
/** A day: timers of more than 24 days would fire at once. */
const longest = 86_400

const parts = {
  count: {
    kind: whole({ least: 1, most }),
    missing: 'it goes with seconds: give both.',
    about: 'how often',
  },
  seconds: {
    kind: whole({ unit: 'seconds', least: 1, most: longest }),
    missing: 'it goes with count: give both.',
    about: 'within which time',
  },
} as const satisfies Options

/** In a variable `300/60`: 300 in 60 seconds. */
export const rate: Kind<Rate> = {
  right: `an object such as { count: 300, seconds: 60 }, with up to ${most} in up to ${longest} seconds`,
  rightText: `how often, and in how many seconds, such as 300/60`,
  check: (name, value) => readOptions(parts, value, name),
  parse(name, text) {
    const [, count, seconds] = /^(\d{1,15})\/(\d{1,15})$/.exec(text) ?? []
    const [often, time] = [Number(count), Number(seconds)]
    if (often >= 1 && often <= most && time >= 1 && time <= longest) return { count: often, seconds: time }
    throw wrongText(name, text, rate.rightText as string)
  },
}

/** How often something may be asked. */
export const rateOptions = {
  writes: {
    kind: rate,
    variable: 'RATE_WRITES',
    otherwise: 'no limit',
    about:
      'writes of one owner, and of one address those that nobody is known for ([limits.md](limits.md)); what belongs to a direct upload that has begun does not count',
  },
} as const satisfies Options

/** The option `rates`. */
export const rates = optionalGroup(rateOptions, 'how often something may be asked')
