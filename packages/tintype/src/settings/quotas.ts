import type { Quotas } from '../quotas/room.ts'
import { bytes, flag, type Kind, whole } from './kinds.ts'
import { type Options, optionalGroup, readOptions, type Values } from './read.ts'

/** What one owner may have. */
export const quotaOptions = {
  bytes: {
    kind: bytes({ least: 0 }),
    variable: 'QUOTA_BYTES',
    otherwise: 'no limit',
    about: 'of all originals of one owner together ([limits.md](limits.md))',
  },
  media: {
    kind: whole({ least: 0 }),
    variable: 'QUOTA_MEDIA',
    otherwise: 'no limit',
    about: 'photos and videos of one owner',
  },
  sessions: {
    kind: whole({ least: 0 }),
    variable: 'QUOTA_SESSIONS',
    otherwise: 'no limit',
    about: 'direct uploads of one owner that are in progress',
  },
  kept: {
    kind: flag,
    variable: 'QUOTA_KEPT',
    otherwise: 'no',
    about: 'whether what was removed or replaced counts while it can be had again ([undo.md](undo.md))',
  },
} as const satisfies Options

const ofAll = optionalGroup(
  quotaOptions,
  'what one owner may have; or a function of the owner that answers with these',
)

const kind: Kind<Quotas> = {
  right: 'an object with limits, or a function of the owner that gives one',
  check: (name, value) => (typeof value === 'function' ? (value as Quotas) : ofAll.kind.check(name, value)),
  parse: ofAll.kind.parse,
}

/** The option `quotas`: the same for everybody, or a function. */
export const quotas = { ...ofAll, kind }

/** @throws {ConfigError} for what an app's function has answered that makes no sense */
export function readQuotaAnswer(answer: unknown): Values<typeof quotaOptions> {
  return readOptions(quotaOptions, answer, 'quotas(owner)')
}
