import { meaningOf } from './meaning.ts'
import { inAnotherRegion } from './refusal.ts'

/** What an error of S3's (or of the way there) means, and what to do. */
export function s3Trouble(error: unknown): { detail: string; remedy: string } {
  const root = rootOf(error)
  const name = nameOf(root)
  const known = inAnotherRegion.test(name) ? moveTo(regionIn(root)) : remedies[name]
  if (known !== undefined) return { detail: name, remedy: known }
  const meaning = meaningOf(root)
  if (meaning === 'encryption') return aboutEncryption(root)
  if (meaning === 'locked') return { detail: `${name}: ${root.message}`, remedy: lockRemedy }
  if (meaning === 'denied' || name === 'Forbidden') return aboutPolicies(root)
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

/** S3 names the action of KMS that is missing. */
function aboutEncryption({ name, message }: Error): { detail: string; remedy: string } {
  const [action] = /\bkms:\w+/.exec(message) ?? []
  if (action !== undefined) {
    return {
      detail: `${name}: ${action} is denied`,
      remedy: `Objects are encrypted with a KMS key: allow ${action} on it (to write kms:GenerateDataKey, to read kms:Decrypt), in the policies of the key that the server uses and in the policy of the KMS key.`,
    }
  }
  return {
    detail: `${name}: ${message}`,
    remedy:
      'Look at the KMS key of the bucket: it has to exist in the same region, be enabled and allow the server kms:GenerateDataKey and kms:Decrypt. S3_SSE and S3_SSE_KMS_KEY_ID name another one.',
  }
}

const lockRemedy =
  'Object Lock keeps objects, or demands something of each request: take the default retention off the bucket, since what people delete has to go, or use another bucket. See docs/configuration.md.'

function aboutPolicies({ message }: Error): { detail: string; remedy: string } {
  const [, action] = /not authorized to perform: ([\w:*]+)/.exec(message) ?? []
  const detail = action === undefined ? 'AccessDenied' : `AccessDenied: ${action}`
  if (/explicit deny/.test(message)) {
    return {
      detail: `${detail}, by an explicit deny`,
      remedy:
        "A policy denies it expressly, whatever others allow: look at the bucket's policy, which may demand an encryption header (then set S3_SSE), TLS or a network, and at those of the organisation.",
    }
  }
  return {
    detail,
    remedy:
      "The policies of the key do not allow it: `tintype aws plan` shows what is missing. Or the bucket's policy demands an encryption header: then set S3_SSE.",
  }
}

/** Errors after which nothing else need be tried: they are about the key, the bucket or the clock as such. */
export function isFundamental(error: unknown): boolean {
  const root = rootOf(error)
  const name = nameOf(root)
  if (remedies[name] !== undefined || inAnotherRegion.test(name)) return true
  return 'code' in root || /Timeout/.test(name)
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

function moveTo(region: string | undefined): string {
  if (region === undefined) return 'The bucket is in another region: set AWS_REGION to its own.'
  return `The bucket is in ${region}: set AWS_REGION to that.`
}

/** As our requests say it, and as the SDK's errors do. */
function regionIn(error: Error): string | undefined {
  const region = ('region' in error && error.region) || ('Region' in error && error.Region)
  return typeof region === 'string' ? region : undefined
}

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
    'There is no such bucket: look at its name (S3_BUCKET) and its region (AWS_REGION), or make it with `tintype aws apply`.',
}

const networkRemedies: Record<string, string> = {
  ENOTFOUND:
    "The name of the service can't be resolved: look at S3_ENDPOINT, AWS_REGION and the DNS of this machine.",
  ECONNREFUSED: 'Nothing listens there: look at S3_ENDPOINT, and whether the service runs.',
  ECONNRESET:
    'The connection was cut: look whether S3_ENDPOINT says http where the service wants https, or the reverse.',
  EPROTO: 'That is no TLS: S3_ENDPOINT says https where the service speaks http.',
}
