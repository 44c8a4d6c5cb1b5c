import type { IncomingMessage } from 'node:http'
import type { Random } from './random.ts'
import { type S3Fault, s3Faults } from './s3-proxy.ts'

/**
 * One of the usual faults for this request to S3, or none, at random.
 * @param share of the requests that go wrong
 */
export function pickS3Fault(
  random: Random,
  { method, url = '' }: IncomingMessage,
  share = 0.12,
): S3Fault | undefined {
  // What people look at is not at stake here; clients compare it.
  const isView = method === 'GET' && url.includes('X-Amz-Signature')
  if (isView || !random.chance(share)) return undefined
  let fault = random.pick(s3Faults) as S3Fault
  // Stalls hold up a client for seconds: half as many will do.
  if (fault.startsWith('stall')) fault = random.pick(s3Faults) as S3Fault
  // What is read by ranges is not held against a length: such an answer would be bytes.
  return fault === 'error in 200' && method === 'GET' ? 'slow down' : fault
}
