import { oneOf } from './kinds.ts'
import type { Options } from './read.ts'

const policies = ['remove', 'keep'] as const

/** What stays in files that are stored. docs/privacy.md */
export const privacyOptions = {
  location: {
    kind: oneOf(policies),
    default: 'remove',
    variable: 'PRIVACY_LOCATION',
    about: 'where a photo or video was taken: `remove` overwrites it in the file before anybody sees it',
  },
  identifiers: {
    kind: oneOf(policies),
    default: 'remove',
    variable: 'PRIVACY_IDENTIFIERS',
    about: "serial numbers, the owner's name and unique identifiers, in the same way",
  },
  credentials: {
    kind: oneOf(policies),
    default: 'remove',
    variable: 'PRIVACY_CREDENTIALS',
    about:
      'Content Credentials (C2PA): `keep` leaves a file that has them as it came, to the last byte, and gives its original to its owner alone',
  },
} as const satisfies Options
