import { type ErrorCode, errorTable, isRetryable } from '@tintype/protocol'

/** The page on every error code, made of the table that the server answers from. */
export function errorsPage(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
    const { status, title } = errorTable[code]
    return `| \`${code}\` | ${status} | ${title} | ${isRetryable(code) ? 'yes' : ''} |`
  })
  return `# Errors

Every error is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`, \`requestId\`, and
\`limit\` where a number was enforced, \`goneAt\` with \`gone\`. Where one file of a form was refused, \`index\` is its place in the form, from 0, and
\`name\` what it is called; none of the others was stored either. Codes are stable. To a client, any 5xx and any cut
connection mean that the outcome is unknown: ask again with the same \`Idempotency-Key\`.

| code | status | title | worth repeating |
|---|---|---|---|
${rows.join('\n')}
`
}
