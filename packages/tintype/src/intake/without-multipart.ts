import type { MediaLimits } from '../inspect/limits.ts'
import { connectionBytes } from '../memory/budget.ts'

/** The largest object that one PutObject takes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const largestPut = 5 * 1024 ** 3

/**
 * What may be sent where no multipart upload is ever begun: a form's file has to fit into memory, a direct upload into
 * one PUT. Larger files are refused with these numbers, before their bytes come.
 *
 * @param memory bytes that uploads may use together
 */
export function withoutMultipart(
  limits: MediaLimits,
  memory: number,
): { form: MediaLimits; direct: MediaLimits } {
  const atMost = (most: number): MediaLimits => ({
    ...limits,
    imageBytes: Math.min(limits.imageBytes, most),
    videoBytes: Math.min(limits.videoBytes, most),
  })
  return { form: atMost(memory - connectionBytes), direct: atMost(largestPut) }
}
