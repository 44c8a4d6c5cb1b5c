import type { IncomingHttpHeaders } from 'node:http'
import { readXml } from './xml.ts'

/**
 * S3's answer when it is no success. `name` is S3's code, such as `SlowDown`; of a 404 without a body, `NotFound`. A body
 * that is not S3's is of something in between, and says nothing about any object.
 */
export class S3Refusal extends Error {
  readonly status: number
  /** Where S3 says that the bucket is, when it has been asked in another region. */
  readonly region: string | undefined

  constructor({ status, body, headers }: { status: number; body: Buffer; headers?: IncomingHttpHeaders }) {
    const text = body.toString()
    const { Code, Message, Region } = errorIn(text)
    const name = Code || (status === 404 && text === '' ? 'NotFound' : 'S3Refusal')
    const region = inAnotherRegion.test(name)
      ? regionIn(headers?.['x-amz-bucket-region'] ?? Region)
      : undefined
    const message = Message?.slice(0, 500) || `S3 answered ${status}, without what belongs to it.`
    super(region === undefined ? message : `${message} The bucket is in ${region}.`)
    this.name = name
    this.status = status
    this.region = region
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
export const inAnotherRegion =
  /^(AuthorizationHeaderMalformed|IllegalLocationConstraintException|PermanentRedirect|TemporaryRedirect)$/

function regionIn(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined
}

type ErrorFields = Partial<Record<'Code' | 'Message' | 'Region', string | undefined>>

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses */
function errorIn(text: string): ErrorFields {
  if (!text.includes('Error')) return {}
  try {
    return readXml(text, { root: 'Error', fields: ['Code', 'Message', 'Region'] }).fields
  } catch {
    return {}
  }
}
