import { MayNotList } from 'tintype/internal/bucket/listing'
import { locate } from 'tintype/internal/bucket/locate'
import type { LocatedBucket } from 'tintype/internal/bucket/options'
import { type Config, ConfigError } from '../config.ts'

/** The bucket as the server sees it, and as somebody who may list it; the embedded one through the server that has it open. */
export async function reachBucket(
  config: Config,
): Promise<{ bucket: LocatedBucket; admin: LocatedBucket; close(): Promise<void> }> {
  const { auditCredentials, directory } = config
  if (!config.bucket) return (await import('tintype/internal/embedded')).reachEmbeddedBucket(directory)
  const bucket = await locate(config.bucket)
  const admin = auditCredentials ? { ...bucket, credentials: auditCredentials } : bucket
  return { bucket, admin, close: async () => {} }
}

/** @returns the same, with what to set where the bucket may not be listed */
export function explainListing(error: unknown): unknown {
  if (!(error instanceof MayNotList)) return error
  const remedy = 'Set AUDIT_ACCESS_KEY_ID and AUDIT_SECRET_ACCESS_KEY to those of an identity that may.'
  return new ConfigError(`${error.message} ${remedy}`, { cause: error })
}
