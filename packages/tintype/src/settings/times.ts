import { whole } from './kinds.ts'
import type { Options } from './read.ts'

/** S3 signs for no longer than a week, and timers of more than 24 days would fire at once. */
const week = 604_800
/** Ten years. */
const longestWindow = 315_360_000
const seconds = (least: number) => whole({ unit: 'seconds', least, most: week })

/** How long things last. */
export const timeOptions = {
  uploadDeadline: {
    kind: seconds(1),
    default: 900,
    variable: 'UPLOAD_DEADLINE',
    about: 'after which an unfinished upload by form is deleted; pushed out while bytes flow',
  },
  signRead: {
    kind: seconds(2),
    default: 3600,
    variable: 'SIGN_READ_TTL',
    about: 'that a view URL is good for at the most (at least half of it)',
  },
  signWrite: {
    kind: seconds(1),
    default: 900,
    variable: 'SIGN_WRITE_TTL',
    about: 'that a URL is good for to which a browser writes',
  },
  session: {
    kind: seconds(1),
    default: 86_400,
    variable: 'SESSION_TTL',
    about: 'in which a direct upload has to be complete; no write URL outlives it',
  },
  sweepGrace: {
    kind: seconds(0),
    default: 300,
    variable: 'SWEEP_GRACE',
    about:
      'after which keys with an unknown write are deleted once more; replaced bytes stay readable as long',
  },
  undo: {
    kind: whole({ unit: 'seconds', least: 0, most: longestWindow }),
    default: 0,
    otherwise: '`0`; in the ready server `2592000`, which are 30 days',
    variable: 'UNDO_WINDOW',
    about:
      'in which what was removed or replaced can be had again; 0: it is deleted at once ([undo.md](undo.md))',
  },
  stall: {
    kind: seconds(1),
    default: 30,
    variable: 'STALL_TIMEOUT',
    about:
      'after which a sender that stalls is refused with 408; one that waits for memory is refused after two thirds of it',
  },
  hook: {
    kind: seconds(1),
    default: 30,
    about: 'that a hook may take: a longer one ends its upload with 503 ([hooks.md](hooks.md))',
  },
  scan: {
    kind: seconds(1),
    default: 600,
    about: 'that the hook `scan` may take for one file ([scanning.md](scanning.md))',
  },
  scanAnswer: {
    kind: seconds(0),
    default: 10,
    about: 'after which an upload is answered with 202, and its memory given back, while its scan goes on',
  },
  transaction: {
    kind: whole({ unit: 'seconds', least: 1, most: 10 }),
    default: 5,
    about: 'that the hooks `ready` and `removed` may take: while they run, SQLite takes no other write',
  },
} as const satisfies Options
