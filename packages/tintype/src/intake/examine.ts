import { hash } from 'node:crypto'
import { TintypeError } from '../errors.ts'
import { inspect, type MediaLimits } from '../inspect/inspect.ts'
import { displayName } from '../inspect/name.ts'
import type { VideoInspector } from '../inspect/video-inspector.ts'
import type { DecoderMemory } from '../memory/decoder-memory.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import type { Picture } from '../variants/check-answer.ts'
import type { Decoder } from '../variants/decoder.ts'
import { encodeMemory, usualThumb, type VariantSpec } from '../variants/variant-spec.ts'
import type { Examined, NewObject, ReceivedFile } from './files.ts'
import type { Posters } from './poster.ts'
import type { Sender } from './requester.ts'

/**
 * When it has ended, however, nothing reads the file's bytes any more.
 * @throws {TintypeError} of status 413, 415 or 422 with the reason, or 503 when no decoder is to be had in time; the
 * reason of the requester's signal
 */
export type Examine = (file: ReceivedFile, requester: Sender) => Promise<Examined>

/** A video that is in the bucket already, under a key that is scheduled for deletion. */
export interface StoredVideo {
  source: RangeSource
  key: string
  sha256: string
  rawName: string | undefined
}

/** Reads what it needs of the object by ranges. @throws {TintypeError} of status 422 with the reason, or 503 */
export type ExamineStored = (video: StoredVideo, requester: Sender) => Promise<Examined>

export interface ExamineOptions {
  limits: MediaLimits
  decoder: Decoder
  videos: VideoInspector
  /** @default videos have none */
  posters?: Pick<Posters, 'of'>
  memory: DecoderMemory
  /** Variants that the decode check makes. @default the usual thumb */
  specs?: readonly VariantSpec[] | undefined
}

/** Inspects the bytes; pictures are decoded too, which gives their thumb and placeholder in the same read. */
export function createExamine(options: ExamineOptions): Examine {
  const { decoder, videos, posters, memory, specs = [usualThumb], ...app } = options
  const { of: pictureOf } = posters ?? withoutPosters
  return async ({ bytes, sha256, rawName, limits = app.limits }, requester) => {
    const verdict = await inspect(bytes, limits, { inspect: (video) => videos.inspect(video, requester) })
    if (!verdict.ok) throw new TintypeError(verdict.code, verdict.detail, { limit: verdict.limit })
    const name = displayName(rawName, verdict.ext)
    const { type, ext, width, height } = verdict
    const original = { name: 'original', ext, type, size: bytes.length, bytes, sha256, width, height }
    if (verdict.kind === 'video') {
      const { pictures, placeholder } = await pictureOf(bytes, verdict, requester)
      return { verdict, name, placeholder, objects: [original, ...pictures.map(toObject)] }
    }

    const least = verdict.decodeMemory ?? 0
    const estimate = least + encodeMemory(specs, verdict)
    const decoded = await memory.within({ bytes: estimate, least }, requester, (share) =>
      decoder.decode(bytes, {
        limits,
        memory: estimate,
        colour: verdict.colour,
        coding: verdict.coding,
        requester,
        share,
        specs,
      }),
    )
    if (!decoded.ok) throw new TintypeError(decoded.code, decoded.detail, { limit: decoded.limit })
    const { pictures, placeholder = null } = decoded
    const shown = verdict.isShownAsStored
      ? { width: decoded.height, height: decoded.width }
      : { width: decoded.width, height: decoded.height }
    return {
      verdict: { ...verdict, ...shown },
      name,
      placeholder,
      objects: [{ ...original, ...shown }, ...pictures.map(toObject)],
    }
  }
}

/** A variant that is still to be stored. */
export function toObject(picture: Picture): NewObject {
  return { ...picture, size: picture.bytes.length, sha256: hash('sha256', picture.bytes, 'hex') }
}

const withoutPosters: Pick<Posters, 'of'> = { of: async () => ({ pictures: [], placeholder: null }) }

export function createExamineStored({
  videos,
  posters = withoutPosters,
}: Pick<ExamineOptions, 'videos' | 'posters'>): ExamineStored {
  return async ({ source, key, sha256, rawName }, requester) => {
    const verdict = await videos.inspect(source, requester)
    if (!verdict.ok) throw new TintypeError(verdict.code, verdict.detail, { limit: verdict.limit })
    const { type, ext, width, height } = verdict
    const { size } = source
    const held = { key, dueAt: 0, writableUntil: null }
    const { pictures, placeholder } = await posters.of(source, verdict, requester)
    return {
      verdict,
      name: displayName(rawName, ext),
      placeholder,
      objects: [{ name: 'original', type, size, sha256, width, height, ...held }, ...pictures.map(toObject)],
    }
  }
}
