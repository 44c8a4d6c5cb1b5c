import { knownTypes } from '@tintype/protocol'
import type { Bucket } from '../bucket/bucket.ts'
import { TintypeError } from '../errors.ts'
import { inspect, type MediaLimits } from '../inspect/inspect.ts'
import type { VideoInspector } from '../inspect/video-inspector.ts'
import type { Sender } from '../intake/requester.ts'
import type { Budget } from '../memory/budget.ts'
import type { DecoderMemory } from '../memory/decoder-memory.ts'
import type { Picture } from '../variants/check-answer.ts'
import type { Decoder } from '../variants/decoder.ts'
import { encodeMemory, outputSize, type Size, type VariantSpec } from '../variants/variant-spec.ts'
import type { VariantSource } from './variant-source.ts'

/**
 * Makes variants of a media that is in the bucket, all of them by one decode.
 *
 * @throws {TintypeError} of status 4xx when it can't be made of these bytes, however often it is tried; 503 when it may be
 * later; the signal's reason
 */
export type MakeVariants = (
  source: VariantSource,
  specs: readonly VariantSpec[],
  options: { signal: AbortSignal; timeLeft(): number; isBackground: boolean },
) => Promise<Picture[]>

export interface MakeVariantsOptions {
  bucket: Pick<Bucket, 'read'>
  decoder: Decoder
  videos: Pick<VideoInspector, 'inspect'>
  budget: Budget
  memory: DecoderMemory
  limits: MediaLimits
}

export function createMakeVariants(options: MakeVariantsOptions): MakeVariants {
  const { bucket, decoder, videos, budget, memory, limits } = options

  /** Only what was taken once is here, by limits that may have been other ones. */
  const anything = {
    ...limits,
    accept: new Set(knownTypes),
    imageBytes: Number.MAX_SAFE_INTEGER,
    frames: Number.MAX_SAFE_INTEGER,
  }

  async function decode(
    bytes: Buffer,
    specs: readonly VariantSpec[],
    { isBackground, ...sender }: Sender & { isBackground: boolean },
  ): Promise<Picture[]> {
    const verdict = await inspect(bytes, anything, videos)
    if (!verdict.ok) throw new TintypeError(verdict.code, verdict.detail, { limit: verdict.limit })
    const decoding = verdict.decodeMemory ?? 0
    const estimate = decoding + encodeMemory(specs, verdict)
    // It was accepted when this process held its bytes alone, and not yet what comes back.
    const least = Math.max(0, decoding - answerBytes(specs, verdict))
    const decoded = await memory.within({ bytes: estimate, least }, sender, (share) =>
      decoder.decode(bytes, {
        limits,
        memory: estimate,
        colour: verdict.colour,
        coding: verdict.coding,
        requester: sender,
        specs,
        placeholder: false,
        isBackground,
        share,
      }),
    )
    if (decoded.ok) return decoded.pictures
    // It was decoded when it was accepted: its sender is not told that it is damaged.
    throw new TintypeError(
      'not_decodable',
      'The photo is stored, but cannot be made in this size or format here. Ask for a smaller one, or for another format.',
    )
  }

  return async (source, specs, { isBackground, signal, timeLeft }) => {
    const { key, bytes: size, owner } = source
    const holds = size + answerBytes(specs, source)
    // In the background it waits until no upload needs the memory.
    return budget.within(
      holds,
      signal,
      async () => {
        const bytes = await bucket.read(key, { range: { start: 0, end: size }, signal })
        if (bytes.length !== size)
          throw new TintypeError('storage_unavailable', 'The original has fewer bytes than it had.')
        const sender = { owner: isBackground ? '' : owner, signal, timeLeft, holds }
        return decode(bytes, specs, { ...sender, isBackground })
      },
      { isPatient: isBackground },
    )
  }
}

/** Bytes of this process for what comes back: WebP and JPEG take less than a byte for a pixel. */
function answerBytes(specs: readonly VariantSpec[], picture: Size): number {
  const sizes = specs.map((spec) => outputSize(spec, picture))
  return sizes.reduce((sum, { width, height }) => sum + width * height, 0)
}
