import { codecName, isProtected } from './codecs.ts'
import { megabytes } from './limits.ts'
import { type Refused, refuse } from './verdict.ts'

// Why a video is refused, as sentences for people. Three kinds: it is cut off, with what is missing; its codec is not
// accepted, with the codec's name; it has no picture at all.

/** Seconds. A real file of the largest accepted size is shorter, even at the lowest bit rate. */
export const longestVideo = 31 * 24 * 3600
/** Pixels of a side: twice what any camera or codec level has. */
export const largestSide = 32_768

const again = 'Choose another copy.'

export const refusals = {
  damaged: () => refuse('not_decodable', `The index of the video is damaged. ${again}`),
  indexMissing: () =>
    refuse(
      'not_decodable',
      `The video is cut off: its index is missing, which cameras write at the very end. ${again}`,
    ),
  indexCutOff: () =>
    refuse('not_decodable', `The video is cut off: a part of its index is missing. ${again}`),
  indexTooLarge: () =>
    refuse('not_decodable', 'The index of the video is too large. Convert it to an MP4 with one index.'),
  compressed: () =>
    refuse('not_decodable', 'The index of the video is compressed, as old QuickTime did. Convert it to MP4.'),
  dataMissing: (bytes: number) =>
    refuse(
      'not_decodable',
      `The video is cut off: at least ${megabytes(bytes)} ${bytes === 1 ? 'is' : 'are'} missing at its end. ${again}`,
    ),
  elsewhere: () =>
    refuse(
      'not_decodable',
      'The video only refers to another file, where its pictures are. Choose that one.',
    ),
  noVideo: (hasSound: boolean) =>
    refuse(
      'no_video_track',
      `The file holds ${hasSound ? 'sound, but no video track' : 'no video track'}. Choose a video.`,
    ),
  codec: (id: string | undefined): Refused =>
    isProtected(id)
      ? refuse('unsupported_codec', 'The video is copy-protected. Choose one that is not.')
      : refuse(
          'unsupported_codec',
          `The video is coded as ${codecName(id ?? '')}, which browsers do not play. Convert it to MP4 with H.264.`,
        ),
  noPicture: () => refuse('not_decodable', `The video holds not a single picture. ${again}`),
  tooLong: () =>
    refuse(
      'not_decodable',
      `The video says that it lasts longer than ${longestVideo / 86_400} days, which it cannot. ${again}`,
      longestVideo,
    ),
  tooWide: () =>
    refuse(
      'not_decodable',
      `The video says that it is more than ${largestSide} pixels wide or high, which it cannot be. ${again}`,
      largestSide,
    ),
}
