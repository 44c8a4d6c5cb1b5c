import type { KnownType } from '@tintype/protocol'
import type { InputVideoTrack } from 'mediabunny'
import { openVideo } from '../ranges/open-video.ts'
import type { RangeSource } from '../ranges/range-source.ts'
import { isProtected } from './codecs.ts'
import { isPlayable } from './playable.ts'

/** The picture of a video, as its container describes it. */
export interface VideoTrack {
  /** Pixels of the upright picture, as it is shown. */
  width: number
  height: number
  /** As RFC 6381 writes it: `avc1.64001f`. */
  codec: string | undefined
  /** Whether browsers at large play it, with its sound. */
  playable: boolean
  /** Degrees, clockwise, by which players turn it. */
  rotation: number
}

/** The first track of an accepted codec; undefined where there is none. The library's way to the duration walks through all samples. */
export async function readVideoTrack(source: RangeSource, type: KnownType): Promise<VideoTrack | undefined> {
  const isMatroska = type === 'video/webm' || type === 'video/matroska'
  const input = openVideo(source, isMatroska ? 'matroska' : 'movie')
  try {
    for (const track of await input.getVideoTracks()) {
      const isTaken = (await track.getCodec()) !== null && !isProtected(await track.getInternalCodecId())
      if (!isTaken) continue
      const codec = await codecOf(track)
      const sounds = await Promise.all((await input.getAudioTracks()).map((sound) => sound.getCodec()))
      return {
        width: await track.getDisplayWidth(),
        height: await track.getDisplayHeight(),
        codec,
        playable: codec !== undefined && isPlayable(type, codec, sounds),
        rotation: await track.getRotation(),
      }
    }
    return undefined
  } finally {
    input.dispose()
  }
}

/** With the four letters that the file has: to browsers `hvc1` and `hev1` are not the same. */
async function codecOf(track: InputVideoTrack): Promise<string | undefined> {
  const codec = await track.getCodecParameterString()
  const letters = await track.getInternalCodecId()
  if (codec === null) return undefined
  const isSample = typeof letters === 'string' && /^(avc[13]|hvc1|hev1)$/.test(letters)
  return isSample ? codec.replace(/^(avc[13]|hvc1|hev1)(?=\.)/, letters) : codec
}
