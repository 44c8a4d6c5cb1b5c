import { errorCode, errorStatus } from './clients.ts'
import { taken } from './observe.ts'
import { SetupError } from './options.ts'

/**
 * What an error of AWS means during the setup, as a sentence that says what to do; undefined for any other error.
 */
export function explain(error: unknown, { bucket }: { bucket: string }): string | undefined {
  if (error instanceof SetupError) return error.message
  if (!(error instanceof Error)) return undefined
  const code = errorCode(error)
  const known = sentences[code]
  if (known !== undefined) return known
  if (code === 'BucketAlreadyExists') return taken(bucket)
  if (/^AccessDenied|^UnauthorizedOperation$/.test(code)) {
    return `These credentials may not do that: ${error.message} Sign in as a user who may administer S3 and IAM.`
  }
  const network = networkCode(error)
  if (network !== undefined) return `AWS can't be reached (${network}): ${error.message || 'no answer'}`
  const status = errorStatus(error)
  return status === undefined ? undefined : `AWS answered ${status} ${code}: ${error.message}`
}

const signIn =
  'Sign in (`aws sso login`, `aws configure`) and name the profile with AWS_PROFILE. `plan --format` needs no credentials.'

const sentences: Record<string, string> = {
  CredentialsProviderError: `There are no AWS credentials here. ${signIn}`,
  ExpiredToken: `The AWS credentials have expired. ${signIn}`,
  InvalidClientTokenId: `AWS does not know these credentials. ${signIn}`,
  InvalidAccessKeyId: `AWS does not know these credentials. ${signIn}`,
  SignatureDoesNotMatch: 'The secret does not belong to the access key: copy both again.',
  RequestTimeTooSkewed:
    'The clock of this machine is wrong by more than 15 minutes: set it (`timedatectl set-ntp true`).',
  DeleteConflict:
    'IAM does not delete what is still in use: something that tintype did not make is attached to it.',
  LimitExceeded: 'A quota of the account is used up: see the IAM and S3 quotas in the console.',
}

function networkCode(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code !== undefined && /^(E[A-Z_]+|UND_ERR_\w+)$/.test(code)) return code
  return error.name === 'TimeoutError' ? 'time-out' : undefined
}
