import { errorTable, type KnownType, knownTypes } from '@tintype/protocol'
import { checkDetails } from './details/check-details.ts'
import { extensionOf, kindOf } from './sniff.ts'
import { type Refused, refuse, type Sound, type Verdict } from './verdict.ts'
import { largestSide, longestVideo } from './video-refusals.ts'

const longestDetail = 500

/**
 * Validates a child process's verdict on a video. The file may have taken the process over, and the verdict goes into
 * the database and is shown to people, so only what is checked here is passed on.
 */
export function checkVerdict(said: unknown): Verdict | undefined {
  if (typeof said !== 'object' || said === null) return undefined
  return 'ok' in said && said.ok === true ? checkSound(said as Partial<Sound>) : checkRefused(said)
}

function checkSound({
  kind,
  type,
  ext,
  width,
  height,
  frames,
  duration,
  details,
}: Partial<Sound>): Sound | undefined {
  if (!isVideoType(type) || kind !== 'video' || ext !== extensionOf(type)) return undefined
  if (!isWithin(width, 1, largestSide) || !isWithin(height, 1, largestSide) || frames !== 1) return undefined
  if (typeof duration !== 'number' || !(duration > 0 && duration <= longestVideo)) return undefined
  return { ok: true, kind, type, ext, width, height, frames, duration, details: checkDetails(details) }
}

function checkRefused({ ok, code, detail, limit }: Partial<Refused>): Refused | undefined {
  if (ok !== false || typeof code !== 'string' || !Object.hasOwn(errorTable, code)) return undefined
  const { status } = errorTable[code]
  if (status !== 413 && status !== 415 && status !== 422) return undefined
  if (
    typeof detail !== 'string' ||
    detail.length > longestDetail ||
    !/^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(detail)
  ) {
    return undefined
  }
  if (limit !== undefined && !isWithin(limit, 0, Number.MAX_SAFE_INTEGER)) return undefined
  return refuse(code, detail, limit)
}

function isVideoType(type: unknown): type is KnownType {
  return knownTypes.some((known) => known === type && kindOf(known) === 'video')
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}
