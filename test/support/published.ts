import { randomId } from '../../packages/tintype/src/ids.ts'
import type { Records } from '../../packages/tintype/src/records/records.ts'

/** A photo in the ledger, with nothing in any bucket. @returns its id; its key is `media/ID/original.jpg` */
export async function published(records: Records, more: { expires_at?: number } = {}): Promise<string> {
  const id = randomId()
  const key = `media/${id}/original.jpg`
  await records.ledger.reserve([key], 10_000)
  const about = { kind: 'image' as const, type: 'image/jpeg', bytes: 1, sha256: 'ab', width: 1, height: 1 }
  await records.ledger.publish([
    {
      media: { id, owner: 'o', key, ...about, name: 'a.jpg', created_at: 1, ...more },
      variants: [],
      held: [{ key, dueAt: 10_000 }],
    },
  ])
  return id
}
