import { readFirstByte } from './head.ts'
import { isAbsent } from './meaning.ts'
import type { Sender } from './send.ts'

/**
 * Deletes an object. Only S3's own "no content", or its word that there is no such object, counts: any other
 * refusal leaves the object where it is.
 *
 * In a bucket that keeps versions S3 hides the object behind a delete marker, and keeps its bytes until a lifecycle
 * rule for noncurrent versions ends them: with the three permissions that the app has, nothing more can be done.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
 */
export async function deleteObject(
  { send }: Pick<Sender, 'send'>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const { status } = await send({ method: 'DELETE', key, query: { 'x-id': 'DeleteObject' }, signal })
    // A 200 is not S3's answer to a deletion, and may hold an error: then the object itself is asked.
    if (status === 204) return
    await readFirstByte({ send }, key, signal)
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  throw new Error('S3 answered 200 to a deletion, but the object is still there.')
}
