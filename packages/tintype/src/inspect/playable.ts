import type { KnownType } from '@tintype/protocol'

/**
 * Whether browsers at large play a video, picture and sound: those of 2022 and later of the three engines, on any machine.
 * H.265 needs a decoder of the machine's, which many lack; Safari plays no Matroska.
 *
 * @param video its codec as RFC 6381 writes it
 * @param sounds the codecs of its sound tracks by their common names; null: not known
 * @example isPlayable('video/mp4', 'avc1.64001f', ['aac']) // true
 * @example isPlayable('video/quicktime', 'hvc1.2.4.L123.B0', ['aac']) // false
 */
export function isPlayable(type: KnownType, video: string, sounds: readonly (string | null)[]): boolean {
  if (type === 'video/matroska') return false
  return pictures.some((codec) => codec.test(video)) && sounds.every((codec) => heard.has(codec))
}

const pictures = [
  // H.264 in eight bits and 4:2:0: Baseline, Main, High.
  /^avc[13]\.(42|4d|64)/i,
  /^vp0?8$|^vp08\./,
  // VP9 and AV1 in 4:2:0, eight or ten bits.
  /^vp09\.0[02]\./,
  /^av01\.0\./,
]
const heard: ReadonlySet<string | null> = new Set(['aac', 'mp3', 'opus', 'vorbis', 'flac'])
