import { hash } from 'node:crypto'
import type { Early, EarlyVariants } from '../derive/early.ts'
import { TintypeError } from '../errors.ts'
import { inspect, type MediaLimits } from '../inspect/inspect.ts'
import { displayName } from '../inspect/name.ts'
import type { Sound } from '../inspect/verdict.ts'
import type { VideoInspector } from '../inspect/video-inspector.ts'
import type { DecoderMemory } from '../memory/decoder-memory.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import type { Picture } from '../variants/check-answer.ts'
import type { DecodeRequest, DecodeResult, Decoder } from '../variants/decoder.ts'
import { encodeMemory, usualThumb, type VariantSpec } from '../variants/variant-spec.ts'
import type { Examined, NewObject, ReceivedFile } from './files.ts'
import type { Posters } from './poster.ts'
import type { Sender } from './requester.ts'

/**
 * When it has ended, however, nothing reads the file's bytes any more.
 * @throws {TintypeError} of status 413, 415 or 422 with the reason, or 503 when no decoder is to be had in time; the
 * reason of the requester's signal
 * @param options.isFinal it is stored as it is: further variants may be begun. @default true
 */
export type Examine = (
  file: ReceivedFile,
  requester: Sender,
  options?: { isFinal?: boolean },
) => Promise<Examined>

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
  /** Begins what can wait. @default all of it is made later */
  early?: EarlyVariants | undefined
  /** Variants that the decode check makes. @default the usual thumb */
  specs?: readonly VariantSpec[] | undefined
}

/** Inspects the bytes; pictures are decoded too, which gives their thumb and placeholder in the same read. */
export function createExamine(options: ExamineOptions): Examine {
  const { decoder, videos, posters, memory, early, specs = [usualThumb], ...app } = options
  const { of: pictureOf } = posters ?? withoutPosters

  /** Reading a JPEG a second time costs less than others have to wait for a process; of all else reading is the larger part. */
  const mayGoOn = ({ type }: Sound) => type !== 'image/jpeg' || decoder.waiting === 0

  async function decode(
    bytes: Uint8Array,
    verdict: Sound,
    request: Omit<DecodeRequest, 'memory'>,
    sender: Sender,
    isFinal: boolean,
  ): Promise<{ decoded: DecodeResult; early?: Early }> {
    const least = verdict.decodeMemory ?? 0
    const room = isFinal && mayGoOn(verdict) ? early?.begin(verdict) : undefined
    const withLater = least + encodeMemory([...specs, ...(room?.specs ?? [])], verdict)
    const isEarly = room !== undefined && memory.isOrdinary(withLater)
    if (!isEarly) room?.leave()
    const estimate = isEarly ? withLater : least + encodeMemory(specs, verdict)
    const first = Promise.withResolvers<DecodeResult>()
    const goesOn = () => mayGoOn(verdict)
    const later = isEarly ? { specs: room.specs, onFirst: first.resolve, goesOn } : undefined
    const all = memory.within({ bytes: estimate, least }, sender, (share) =>
      decoder.decode(bytes, { ...request, memory: estimate, share, later }),
    )
    if (!isEarly) return { decoded: await all }
    // They may never be asked for: a failure that nobody hears of would end the whole process.
    const pictures = all.then(
      (done) => (done.ok ? done.pictures : []),
      () => [],
    )
    all.then(first.resolve, first.reject)
    try {
      const decoded = await first.promise
      if (decoded.ok) return { decoded, early: room.fill(pictures) }
      room.leave()
      return { decoded }
    } catch (error) {
      room.leave()
      throw error
    }
  }

  return async ({ bytes, sha256, rawName, limits = app.limits }, requester, { isFinal = true } = {}) => {
    const verdict = await inspect(bytes, limits, { inspect: (video) => videos.inspect(video, requester) })
    if (!verdict.ok) throw new TintypeError(verdict.code, verdict.detail, { limit: verdict.limit })
    const name = displayName(rawName, verdict.ext)
    const { type, ext, width, height } = verdict
    const original = { name: 'original', ext, type, size: bytes.length, bytes, sha256, width, height }
    if (verdict.kind === 'video') {
      const { pictures, placeholder } = await pictureOf(bytes, verdict, requester)
      return { verdict, name, placeholder, objects: [original, ...pictures.map(toObject)] }
    }

    const { colour, coding } = verdict
    const asked = { limits, colour, coding, requester, specs }
    const { decoded, early } = await decode(bytes, verdict, asked, requester, isFinal)
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
      early,
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
