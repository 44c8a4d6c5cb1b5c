import { randomId } from '../../packages/tintype/src/ids.ts'
import type { PublishedMedia } from '../../packages/tintype/src/records/ledger-types.ts'
import type { Records } from '../../packages/tintype/src/records/records.ts'

type More = Partial<Pick<PublishedMedia['media'], 'expires_at'>>

/** A photo without variants, due at 10,000 until it is published. Its key is `media/ID/original.jpg`. */
export function publication(more: More = {}): PublishedMedia & { key: string } {
  const id = randomId()
  const key = `media/${id}/original.jpg`
  const about = { kind: 'image' as const, type: 'image/jpeg', bytes: 1, sha256: 'ab', width: 1, height: 1 }
  return {
    key,
    media: { id, owner: 'o', key, ...about, name: 'a.jpg', created_at: 1, ...more },
    variants: [],
    pending: [{ key, dueAt: 10_000 }],
  }
}

/** Publishes one, with nothing in any bucket. @returns its id */
export async function published(records: Records, more: More = {}): Promise<string> {
  const one = publication(more)
  await records.ledger.reserve([one.key], 10_000)
  await records.ledger.publish([one])
  return one.media.id
}
