import { ConfigError } from './error.ts'

const remedy = 'Make one with: openssl rand -hex 24'

/** The token of the one owner, which nobody may guess and every program can send. */
export function readToken(name: string, value: string): string {
  if (value.length < 16) throw new ConfigError(`${name} is shorter than 16 characters. ${remedy}`)
  if (/^[ -~]+$/.test(value)) return value
  throw new ConfigError(
    `${name} has characters that no header can carry: take letters, digits and punctuation of ASCII. ${remedy}`,
  )
}
