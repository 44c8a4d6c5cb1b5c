/**
 * What an error of S3's (or of the way there) means, and what to do. Knows errors by their names, not by the SDK's
 * classes: the server asks too, and must not load what only commands need.
 */
export function s3Trouble(error: unknown): { detail: string; remedy: string } {
  const root = rootOf(error)
  const name = nameOf(root)
  const known = remedies[name]
  if (known !== undefined) return { detail: name, remedy: known }
  if (name === 'AccessDenied' || name === 'Forbidden') {
    return {
      detail: 'AccessDenied',
      remedy: 'The policies of the key do not allow it: `tintype aws plan` shows what is missing.',
    }
  }
  const code = 'code' in root && typeof root.code === 'string' ? root.code : undefined
  if (code !== undefined && /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+|DEPTH_\w+|SELF_\w+|UNABLE_\w+)$/.test(code)) {
    return {
      detail: code,
      remedy: networkRemedies[code] ?? 'Look whether S3_ENDPOINT is right and can be reached from here.',
    }
  }
  if (/Timeout/.test(name))
    return { detail: 'no answer in time', remedy: 'Look whether a firewall is in between.' }
  return {
    detail: `${name}: ${root.message}`,
    remedy: 'Look this error up in the documentation of the service.',
  }
}

/** Errors after which nothing else need be tried: they are about the key, the bucket or the clock as such. */
export function isFundamental(error: unknown): boolean {
  const root = rootOf(error)
  return remedies[nameOf(root)] !== undefined || 'code' in root || /Timeout/.test(nameOf(root))
}

/** The innermost cause: layers of ours wrap what S3 said. */
function rootOf(error: unknown): Error {
  let root = error instanceof Error ? error : new Error(String(error))
  while (root.cause instanceof Error) root = root.cause
  return root
}

function nameOf(error: Error): string {
  return 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name
}

const copyAgain =
  'Copy AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY again, or make a new key with `tintype aws apply`.'

const remedies: Record<string, string> = {
  InvalidAccessKeyId: `The service does not know the key. ${copyAgain}`,
  SignatureDoesNotMatch: `The secret does not belong to the key. ${copyAgain}`,
  CredentialsProviderError:
    'There are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.',
  ExpiredToken: 'The credentials have expired: sign in again.',
  InvalidToken: 'The session token does not belong to the key: sign in again, or take AWS_SESSION_TOKEN out.',
  RequestTimeTooSkewed:
    'The clock of this machine is wrong by more than 15 minutes: `timedatectl set-ntp true`.',
  NoSuchBucket:
    'There is no such bucket: look at S3_BUCKET and AWS_REGION, or make it with `tintype aws apply`.',
  PermanentRedirect: 'The bucket is in another region: set AWS_REGION to its own.',
  AuthorizationHeaderMalformed: 'The bucket is in another region: set AWS_REGION to its own.',
  IllegalLocationConstraintException: 'The bucket is in another region: set AWS_REGION to its own.',
}

const networkRemedies: Record<string, string> = {
  ENOTFOUND:
    "The name of the service can't be resolved: look at S3_ENDPOINT, AWS_REGION and the DNS of this machine.",
  ECONNREFUSED: 'Nothing listens there: look at S3_ENDPOINT, and whether the service runs.',
  ECONNRESET:
    'The connection was cut: look whether S3_ENDPOINT says http where the service wants https, or the reverse.',
  EPROTO: 'That is no TLS: S3_ENDPOINT says https where the service speaks http.',
}
