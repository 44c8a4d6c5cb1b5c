import { randomId } from '../../ids.ts'
import type { UploadRow } from '../../records/schema.ts'
import { newUpload } from '../new-upload.ts'
import type { PlannedFile } from '../planned-objects.ts'

export interface FormOfFiles {
  owner: string
  caption: string | null
  /** Hashes of the Idempotency-Key with its owner, and of what was asked for with it. */
  once?: { key: string; hash: string } | undefined
}

/**
 * The sessions of a form, one for each of its files: by them its sender asks what has become of the scan.
 * @param times.expiresAt until when they can be asked
 * @param times.dueAt when they are forgotten
 */
export function formRows(
  files: readonly PlannedFile[],
  { owner, caption, once }: FormOfFiles,
  { now, expiresAt, dueAt }: { now: number; expiresAt: number; dueAt: number },
): UploadRow[] {
  const form = once?.key ?? randomId()
  return files.map((file, index) => {
    const { key, type, size, sha256 } = originalOf(file)
    return {
      ...newUpload,
      id: randomId(),
      owner,
      key,
      due_at: dueAt,
      name: file.examined.name,
      type,
      bytes: size,
      sha256,
      caption,
      request_hash: once?.hash ?? null,
      created_at: now,
      expires_at: expiresAt,
      form,
      form_index: index,
      fields: null,
    }
  })
}

/** With the key that it has in the bucket. */
export function originalOf({ plans, stored }: PlannedFile): {
  key: string
  type: string
  size: number
  sha256: string
} {
  const [first] = plans
  const original = stored ?? first
  if (!original) throw new Error('A file without an object.')
  return original
}
