/** What cleaning has made of a file, as its row says it. */
import type { Cleaned } from '@tintype/protocol'
import type { Signature } from '../../credentials/judge.ts'
import type { Cleaning, Position } from '../../privacy/cleaning.ts'
import type { Policy } from '../../privacy/policy.ts'

/** Of a file that was looked through: nothing is published without it. */
export interface CleanedBytes {
  cleaned: Cleaned
  /** Of what was sent, lower-case hex. */
  sentSha256: string
  /** Where it was taken, as what was sent says. For the app's hooks; no row has it. */
  location: Position | undefined
}

export function toCleaned(
  { found, unsure, credentials }: Cleaning,
  policy: Policy,
  signature?: Signature,
): Cleaned {
  // What is kept with its Content Credentials is kept as a whole.
  const isWhole = policy.credentials === 'keep' && credentials !== 'none'
  const removed = (kind: 'location' | 'identifiers') => !isWhole && policy[kind] === 'remove'
  const kept = (['location', 'identifiers'] as const).filter((kind) => found[kind] && !removed(kind))
  return {
    location: found.location && removed('location'),
    identifiers: found.identifiers && removed('identifiers'),
    other: found.other && (removed('location') || removed('identifiers')),
    ...(kept.length > 0 && { kept }),
    ...(unsure !== undefined && { unsure }),
    ...(credentials !== 'none' && { credentials, ...(signature && { signature }) }),
  }
}
