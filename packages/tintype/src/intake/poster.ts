import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { inspect } from '../inspect/inspect.ts'
import { defaultLimits, type MediaLimits } from '../inspect/limits.ts'
import type { Sound } from '../inspect/verdict.ts'
import { refuse } from '../inspect/verdict.ts'
import type { Log } from '../log.ts'
import type { DecoderMemory } from '../memory/decoder-memory.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import type { Picture } from '../variants/check-answer.ts'
import type { DecodeResult, Decoder } from '../variants/decoder.ts'
import {
  createPosterMaker,
  type PosterOptions,
  posterMemory,
  stillSide,
} from '../variants/poster/poster-maker.ts'
import { encodeMemory, posterName, usualThumb, type VariantSpec } from '../variants/variant-spec.ts'
import type { Sender } from './requester.ts'

/** The pictures of a video: its poster, and the other variants that are made at once. */
export interface PosterPictures {
  pictures: Picture[]
  placeholder: string | null
}

/** Makes the posters of videos. */
export interface Posters {
  /**
   * A failure costs the poster, not the upload.
   * @throws the reason of the sender's signal, and nothing else
   */
  of(video: Uint8Array | RangeSource, found: Sound, sender: Sender): Promise<PosterPictures>
  /**
   * Of a picture that somebody has sent: a frame, as a browser shows it.
   * @throws {TintypeError} 413, 415 or 422 with what is wrong with it; `overloaded`; the reason of the sender's signal
   */
  fromPicture(picture: Buffer, sender: Sender): Promise<Picture[]>
  close(): Promise<void>
}

/** Pixels of the longer side of a poster at the most, like those of the usual `view`. */
export const posterSpec: VariantSpec = {
  name: posterName,
  width: 2048,
  height: 2048,
  fit: 'inside',
  format: 'webp',
  quality: 80,
}

export interface PostersOptions {
  decoder: Decoder
  memory: DecoderMemory
  /** Beside the poster. @default the usual thumb */
  specs?: readonly VariantSpec[]
  /** The program: its path, or false not to use it. @default where the shell finds it */
  ffmpeg?: PosterOptions['ffmpeg']
  clock: Clock
  log: Log
}

/** The still that comes out of the video's decoder is believed no more than a picture that was uploaded. */
const stillLimits = {
  ...defaultLimits,
  pixels: stillSide ** 2,
  imageBytes: stillSide ** 2 * 4,
  accept: new Set(['image/png']),
}
/** Bytes of a poster that is sent: a frame of 4096 pixels as JPEG has half of them. */
export const mostPosterBytes = 8 * 1024 * 1024
const sentLimits = {
  ...stillLimits,
  pixels: 4096 ** 2,
  imageBytes: mostPosterBytes,
  accept: new Set(['image/jpeg', 'image/png', 'image/webp']),
}
const none: PosterPictures = { pictures: [], placeholder: null }

export function createPosters({
  decoder,
  memory,
  specs = [usualThumb],
  ffmpeg,
  clock,
  log,
}: PostersOptions): Posters {
  const maker = createPosterMaker({ ffmpeg, clock, log })

  async function make(
    video: Uint8Array | RangeSource,
    found: Sound,
    sender: Sender,
  ): Promise<PosterPictures> {
    const { width, height, duration = 0, type } = found
    const container = type === 'video/webm' || type === 'video/matroska' ? 'matroska' : 'movie'
    const needed = posterMemory({ width, height, codec: found.details?.codec })
    const still = await memory.within({ bytes: needed, least: needed }, sender, (share) =>
      maker.still(video, { container, width, height, duration, requester: sender, memory: needed, share }),
    )
    if (!still) return none
    const decoded = await decode(still, stillLimits, sender)
    return decoded.ok ? { pictures: decoded.pictures, placeholder: decoded.placeholder ?? null } : none
  }

  async function decode(still: Uint8Array, limits: MediaLimits, requester: Sender): Promise<DecodeResult> {
    const verdict = await inspect(still, limits, { inspect: async () => refuse('unsupported_type', '') })
    if (!verdict.ok) return verdict
    const all = [posterSpec, ...specs]
    const least = verdict.decodeMemory ?? 0
    const estimate = least + encodeMemory(all, verdict)
    const { colour, coding } = verdict
    return memory.within({ bytes: estimate, least }, requester, (share) =>
      decoder.decode(still, { limits, memory: estimate, colour, coding, requester, share, specs: all }),
    )
  }

  return {
    async of(video, found, sender) {
      try {
        return await make(video, found, sender)
      } catch (error) {
        sender.signal.throwIfAborted()
        log.warn('poster.failed', { error })
        return none
      }
    },
    async fromPicture(picture, sender) {
      const decoded = await decode(picture, sentLimits, sender)
      if (decoded.ok) return decoded.pictures
      throw new TintypeError(decoded.code, decoded.detail, { limit: decoded.limit })
    },
    close: () => maker.close(),
  }
}
