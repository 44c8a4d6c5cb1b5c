import type { PrivacyPolicy } from './cleaning.ts'

/** What is removed from files before they are stored. A hook `beforeUpload` may say otherwise for one of them. */
export interface PrivacyOptions {
  /** Where it was taken, in all places where a file may say so. @default 'remove' */
  location?: 'remove' | 'keep' | undefined
  /** Serial numbers, the owner's name, unique identifiers. @default 'remove' */
  identifiers?: 'remove' | 'keep' | undefined
  /**
   * Content Credentials (C2PA), which break by any changed byte: `keep` leaves a file that has them as it came, and gives
   * its original to its owner alone. @default 'remove'
   */
  credentials?: 'remove' | 'keep' | undefined
}

export type Policy = Required<PrivacyPolicy>

/** The later choice decides what it names. */
export function withChoice(policy: Policy, choice: PrivacyOptions | undefined): Policy {
  if (!choice) return policy
  return {
    location: choice.location ?? policy.location,
    identifiers: choice.identifiers ?? policy.identifiers,
    credentials: choice.credentials ?? policy.credentials,
  }
}

/**
 * What a hook has said of a file.
 * @throws {TypeError} for what can't be meant: a slip of the pen must not keep somebody's position
 */
export function readChoice(said: unknown): PrivacyOptions | undefined {
  const given: unknown =
    typeof said === 'object' && said !== null && 'privacy' in said ? said.privacy : undefined
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null) throw wrong('privacy', given)
  const choice: PrivacyOptions = {}
  for (const [name, value] of Object.entries(given)) {
    if (!isName(name)) throw new TypeError(`privacy.${name} is not known; there are ${names.join(', ')}.`)
    if (value === undefined) continue
    if (value !== 'remove' && value !== 'keep') throw wrong(`privacy.${name}`, value)
    choice[name] = value
  }
  return choice
}

const names = ['location', 'identifiers', 'credentials'] as const

function isName(name: string): name is (typeof names)[number] {
  return (names as readonly string[]).includes(name)
}

function wrong(name: string, value: unknown): TypeError {
  return new TypeError(`${name} is ${JSON.stringify(value)}; it has to be "remove" or "keep".`)
}
