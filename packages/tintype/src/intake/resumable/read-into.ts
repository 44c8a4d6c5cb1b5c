import type { Hash } from 'node:crypto'
import { tooLarge } from '../../inspect/limits.ts'
import { type BodyOptions, readBody } from '../../memory/body.ts'
import { chunkMemory } from '../../memory/chunk-memory.ts'
import type { Room } from '../../quotas/quotas.ts'
import { type AppendRequest, outgrown } from './append-request.ts'
import { brokenOff } from './errors.ts'
import type { PartWriter } from './part-writer.ts'

/**
 * Reads a request's body to its end.
 * @throws {TintypeError} `too_large` when more comes than may; as bodies are refused; what the writer throws
 */
export async function readInto(
  writer: Pick<PartWriter, 'taken' | 'write'>,
  incoming: AppendRequest['incoming'],
  {
    most,
    size,
    cut,
    digests,
    room,
    ...options
  }: Pick<BodyOptions, 'clock' | 'stallTimeout' | 'leastRate'> & {
    most: number
    size: number | null
    /** Ends the reading. */
    cut: AbortSignal
    /** Of the bytes of this request. */
    digests: Hash[]
    room: Room | undefined
  },
): Promise<void> {
  const before = writer.taken
  const { body } = incoming
  incoming.accept()
  await readBody(
    body,
    (chunk) => {
      const taken = writer.taken + chunk.length
      if (taken > most) throw size === null ? tooLarge(most) : outgrown(size)
      room?.demand({ bytes: taken - before, files: 0 })
      for (const digest of digests) digest.update(chunk)
      return writer.write(chunk)
    },
    {
      ...options,
      chunks: chunkMemory(body),
      signal: cut,
      brokenOff: () => (cut.aborted ? cut.reason : brokenOff(body)),
    },
  )
}
