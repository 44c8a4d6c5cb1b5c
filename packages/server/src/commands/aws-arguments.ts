import { readArguments } from './usage.ts'

export type AwsArguments = ReturnType<typeof parseAwsArguments>

/**
 * The options of all `tintype aws` commands, and the names of those that were given.
 * @throws {UsageError}
 */
export function parseAwsArguments(args: string[]) {
  const { values, tokens } = readArguments('aws', { args, options, allowNegative: true, tokens: true })
  const given = tokens.filter((token) => token.kind === 'option').map(({ name }) => name)
  return { ...values, given }
}

const options = {
  bucket: { type: 'string' },
  region: { type: 'string' },
  prefix: { type: 'string' },
  user: { type: 'string' },
  role: { type: 'string' },
  trust: { type: 'string' },
  origin: { type: 'string', multiple: true },
  multipart: { type: 'boolean' },
  audit: { type: 'boolean' },
  env: { type: 'string', default: '.env' },
  format: { type: 'string' },
  yes: { type: 'boolean', default: false },
  'keep-old': { type: 'boolean', default: false },
  other: { type: 'string' },
} as const
