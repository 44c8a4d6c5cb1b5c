import type { Media } from '@tintype/protocol'

/**
 * What the clients of a world know for sure: what was acknowledged, what may have happened, and what they saw that
 * must never be. To a client every 5xx and every cut connection means unknown.
 */
export interface Journal {
  attempts: Attempt[]
  media: Map<string, KnownMedia>
  /** Hashes of files that must never be visible: unsound, or given up. */
  forbidden: Set<string>
  /** What was acknowledged, ever: an event has to tell of each. */
  changes: { kind: 'ready' | 'replaced' | 'removed' | 'restored'; id: string; sha256: string }[]
  /** Media that were there before there were events: none tells of them. */
  untold: Set<string>
  violations: string[]
  /** Why the last request has no answer that counts. */
  lastUnknown: string
  figures: Figures
}

export interface Figures {
  uploads: number
  replaced: number
  deletes: number
  restored: number
  /** Restorations that were refused, since the time was over. */
  tooLate: number
  /** Earlier versions that were made the present ones. */
  versions: number
  /** Restorations and removals for good, of the same media at the same moment; and versions and replacements. */
  contended: number
  /** Requests without an answer, or with a 5xx. */
  unknown: number
  /** Unsound files that were refused. */
  refused: number
}

/** One request to upload, however often it was sent. */
export interface Attempt {
  /** Idempotency-Key, if it has one. */
  key: string | undefined
  files: SentFile[]
  /** What the server said that it made; undefined: unknown. */
  ids: string[] | undefined
}

export interface SentFile {
  bytes: Buffer
  sha256: string
  type: string
}

export interface KnownMedia {
  id: string
  /** Of the original, when it was made. */
  bytes: number
  /** It holds one of these. More than one: a replacement without an answer. */
  sha256s: Set<string>
  deleted: 'no' | 'maybe' | 'yes'
  /** Deleted, and promised to be there until then: milliseconds since the epoch. */
  restorableUntil?: number | undefined
  /** It is on legal hold. */
  held?: boolean
  /** The signed URL of its original, as far as it is the present one. */
  original: string | undefined
  /** One client at a time. */
  busy: boolean
}

export function createJournal(): Journal {
  return {
    attempts: [],
    media: new Map(),
    forbidden: new Set(),
    changes: [],
    untold: new Set(),
    violations: [],
    lastUnknown: '',
    figures: {
      ...{ uploads: 0, replaced: 0, deletes: 0, restored: 0 },
      ...{ tooLate: 0, versions: 0, contended: 0, unknown: 0, refused: 0 },
    },
  }
}

/** The server has said that these media are what the attempt made. */
export function acknowledge(journal: Journal, attempt: Attempt, made: Media[]): void {
  const ids = made.map((one) => one.id)
  if (attempt.ids !== undefined) {
    compareAgain(journal, attempt, ids)
    return
  }
  if (ids.length !== attempt.files.length) {
    journal.violations.push(`${attempt.files.length} files became ${ids.length} media: ${ids}`)
  }
  attempt.ids = ids
  journal.figures.uploads += 1
  made.forEach((one, index) => {
    const sha256 = attempt.files[index]?.sha256 ?? ''
    journal.changes.push({ kind: 'ready', id: one.id, sha256 })
    if (one.sentSha256 !== sha256)
      journal.violations.push(`${one.id} should be ${sha256}, is ${one.sentSha256}`)
    if (journal.media.has(one.id)) journal.violations.push(`${one.id} is the answer to two requests`)
    const known: KnownMedia = {
      id: one.id,
      bytes: one.bytes,
      sha256s: new Set([sha256]),
      deleted: 'no',
      original: one.urls.original,
      busy: false,
    }
    journal.media.set(one.id, known)
  })
}

/** The same key has to give the same media. The caller makes sure that they still exist. */
function compareAgain(journal: Journal, { key, ids = [] }: Attempt, again: string[]): void {
  if (again.join() !== ids.join()) journal.violations.push(`the key ${key} gave ${ids}, and later ${again}`)
}

/** What the attempt has made, if all of it still exists and no client is working on it. */
export function intact(journal: Journal, { ids = [] }: Attempt): KnownMedia[] | undefined {
  const media = ids.map((id) => journal.media.get(id))
  const whole = media.length > 0 && media.every((one) => one?.deleted === 'no' && !one.busy)
  return whole ? (media as KnownMedia[]) : undefined
}

/** Runs `work` with these media to itself. */
export async function alone<T>(media: KnownMedia[], work: () => Promise<T>): Promise<T> {
  for (const one of media) one.busy = true
  try {
    return await work()
  } finally {
    for (const one of media) one.busy = false
  }
}

/** Deleted media that a client may bring back. */
export function restorable(journal: Journal): KnownMedia[] {
  return [...journal.media.values()].filter(
    ({ deleted, restorableUntil, busy }) => deleted === 'yes' && restorableUntil !== undefined && !busy,
  )
}

/** After a sweep whose clock was ahead, nothing of what was promised is left. */
export function endPromises(journal: Journal): void {
  for (const one of journal.media.values()) one.restorableUntil = undefined
}

/** Media that can be worked on now. */
export function idle(journal: Journal): KnownMedia[] {
  return [...journal.media.values()].filter((one) => one.deleted === 'no' && !one.busy)
}
