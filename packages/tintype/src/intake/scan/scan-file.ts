import type { Bucket } from '../../bucket/bucket.ts'
import { crashPoint } from '../../crash-points.ts'
import type { Origin, UploadHooks } from '../../hooks/hooks.ts'
import type { PlannedFile } from '../planned-objects.ts'
import { originalOf } from './form-rows.ts'
import { createFileReads } from './read-file.ts'

/**
 * Has the app scan one file. Only a scan that has returned, and whose reads have all been whole, has passed.
 * @param file it is read from memory while its bytes are there
 * @throws {TintypeError} what the hook refuses it with, `hook_failed`, `hook_timeout`; `storage_unavailable`; the
 * signal's reason
 */
export async function scanFile(
  scan: NonNullable<UploadHooks['scan']>,
  file: PlannedFile,
  { origin, bucket, signal }: { origin: Origin; bucket: Pick<Bucket, 'open'>; signal: AbortSignal },
): Promise<void> {
  const { key, size, sha256 } = originalOf(file)
  const { verdict, name } = file.examined
  const { type, kind } = verdict
  const reads = createFileReads({ key, size, bytes: () => bytesOf(file) }, bucket, signal)
  try {
    crashPoint('scan.begun')
    await scan({ ...origin, read: reads.read, type, kind, bytes: size, sha256, name, signal })
    reads.demandWhole()
    crashPoint('scan.passed')
  } catch (error) {
    // What a hook makes of a read that broke off is not the app's fault.
    reads.demandWhole()
    throw error
  } finally {
    reads.end()
  }
}

/** From now on it is read from S3, and its memory is not looked at any more. */
export function forgetBytes({ plans, examined }: PlannedFile): void {
  for (const object of [...plans, ...examined.objects]) if ('bytes' in object) object.bytes = nothing
}

const nothing = new Uint8Array()

function bytesOf({ plans, stored }: PlannedFile): Uint8Array | undefined {
  const bytes = stored ? undefined : plans[0]?.bytes
  return bytes && bytes.length > 0 ? bytes : undefined
}
