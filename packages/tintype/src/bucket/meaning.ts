import { S3Refusal } from './refusal.ts'

/**
 * What a refusal of S3's is about, so that one is never taken for another: most of all, nothing but an absent object
 * is taken for an absent object. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * - `absent`: there is no such object or multipart upload
 * - `denied`: a policy does not allow it
 * - `encryption`: a KMS key that is denied, disabled or gone, or an encryption header that is missing
 * - `locked`: Object Lock keeps the object, or demands something of the request
 * - `credentials`: the access key is unknown, its secret wrong, the token expired, or there are none
 * - `clock`: this machine's clock is wrong
 * - `place`: no such bucket, or it is in another region
 * - `archived`: the object is in Glacier and has to be restored before it can be read
 * - `conflict`: another request to the same key is being carried out: nothing was done, a moment later it may be
 * - `busy`: nothing was done, more slowly it may be
 * - `broken`: S3 has failed, or something before it; whether anything was done is unknown
 */
export type Meaning =
  | 'absent'
  | 'denied'
  | 'encryption'
  | 'locked'
  | 'credentials'
  | 'clock'
  | 'place'
  | 'archived'
  | 'conflict'
  | 'busy'
  | 'broken'

/** @returns undefined for errors that S3 did not answer with, and for refusals of a kind not listed above */
export function meaningOf(error: unknown): Meaning | undefined {
  if (!(error instanceof Error)) return undefined
  if (/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(error.name)) return 'credentials'
  const status = statusOf(error)
  if (status === undefined) return undefined
  const { name, message } = error
  // Denials and bad requests alike may be about a KMS key or a lock: S3 says so in the message alone.
  const mayHide = name === 'AccessDenied' || name.startsWith('Invalid') || name === 'MethodNotAllowed'
  if (/^KMS\b/i.test(name) || (mayHide && aboutEncryption.test(message))) return 'encryption'
  if (name.startsWith('ObjectLock') || (mayHide && /object.lock|\bWORM\b|legal hold/i.test(message)))
    return 'locked'
  const meaning = byCode.get(name)
  if (meaning !== undefined) return meaning
  // Without a code of S3's it may be the page of a firewall in between: that is no word of S3's about anything.
  if (status === 403) return codeless.test(name) ? undefined : 'denied'
  return unanswered.has(status) ? 'broken' : undefined
}

const aboutEncryption = /\bkms\b|server.side.encryption|encryption method|ciphertext|master key/i

/** A map, since S3 may call its code `constructor`. */
const byCode: ReadonlyMap<string, Meaning> = new Map([
  ...all('absent', ['NoSuchKey', 'NotFound', 'NoSuchUpload']),
  ...all('denied', ['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'Forbidden']),
  ...all('credentials', [
    'ExpiredToken',
    'InvalidAccessKeyId',
    'InvalidToken',
    'SignatureDoesNotMatch',
    'TokenRefreshRequired',
  ]),
  ...all('clock', ['RequestTimeTooSkewed', 'RequestExpired']),
  ...all('place', [
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
    'NoSuchBucket',
    'PermanentRedirect',
    'TemporaryRedirect',
  ]),
  ...all('archived', ['InvalidObjectState']),
  ...all('encryption', ['ServerSideEncryptionConfigurationNotFoundError']),
  ...all('conflict', ['ConditionalRequestConflict', 'OperationAborted']),
  ...all('busy', [
    'Busy',
    'RequestLimitExceeded',
    'RequestTimeout',
    'ServiceUnavailable',
    'SlowDown',
    'Throttling',
    'ThrottlingException',
    'TooManyRequests',
  ]),
  ...all('broken', ['InternalError', 'InternalServerError']),
])

/** What the SDK and we ourselves call an answer without a code: answers to HEAD, pages of proxies. */
const codeless = /^(S3Refusal|Unknown(Error)?)$/

/**
 * Of S3 or of a gateway before it, with a code that we don't know or none. What these say doesn't tell whether S3 has done
 * anything.
 */
const unanswered: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

function all(meaning: Meaning, codes: string[]): [string, Meaning][] {
  return codes.map((code) => [code, meaning])
}

/** Whether S3 says that there is no such object or upload. Without s3:ListBucket it denies instead: see head.ts. */
export function isAbsent(error: unknown): boolean {
  return meaningOf(error) === 'absent'
}

/** Whether S3 says that a policy does not allow it. */
export function isDenied(error: unknown): boolean {
  return meaningOf(error) === 'denied'
}

/** Whether S3 says that it does not have this operation: compatible services lack some. */
export function isNotOffered(error: unknown): boolean {
  return (
    isRefusal(error) &&
    (error.name === 'NotImplemented' || statusOf(error) === 501 || statusOf(error) === 405)
  )
}

/** Whether S3 says that nothing was done and that a later repetition may succeed. */
export function isTemporary(error: unknown): boolean {
  const meaning = meaningOf(error)
  return meaning === 'busy' || meaning === 'conflict'
}

/** Whether another try has a chance: not where S3 has given a reason that lasts. Looks through our own errors. */
export function isWorthRepeating(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const meaning = meaningOf(cause)
  return meaning === undefined || meaning === 'broken'
}

/**
 * Whether S3 has answered, and refuses this one object, so that asking for another one makes sense: it is denied, locked,
 * archived. Silence, errors of the server, a wrong key or clock and "slow down" say nothing about the object.
 *
 * @param error as the bucket's methods throw it
 */
export function answeredAboutObject(error: unknown): boolean {
  const refusal = error instanceof Error && !isRefusal(error) ? error.cause : error
  const meaning = meaningOf(refusal)
  if (meaning !== undefined) return aboutObject.has(meaning)
  const status = isRefusal(refusal) ? statusOf(refusal) : undefined
  return status !== undefined && status >= 400 && status < 500
}

const aboutObject: ReadonlySet<Meaning> = new Set([
  'absent',
  'denied',
  'encryption',
  'locked',
  'archived',
  'conflict',
])

/** Of the SDK's clients, which the setup of AWS has. */
type SdkRefusal = Error & { $metadata: { httpStatusCode?: number } }

/** Whether S3 has answered, and `name` is its code. */
export function isRefusal(error: unknown): error is S3Refusal | SdkRefusal {
  return error instanceof Error && statusOf(error) !== undefined
}

function statusOf(error: Error): number | undefined {
  if (error instanceof S3Refusal) return error.status
  return '$metadata' in error ? ((error as SdkRefusal).$metadata.httpStatusCode ?? 0) : undefined
}
