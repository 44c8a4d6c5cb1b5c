import { cleanText, longestText } from './clean-text.ts'
import type { Details } from './details.ts'
import { instantOf } from './time-text.ts'

/**
 * What a child process says of a video's details, as far as it may be kept: the file may have taken the process over. What is
 * wrong is left out.
 */
export function checkDetails(said: unknown): Details {
  const { takenAt, camera, lens, features, contentId, codec, playable, rotation } = Object(said) as Details
  const time = Object(takenAt).time as unknown
  const isTime = typeof time === 'string' && !Number.isNaN(instantOf(time))
  const isLive = Array.isArray(features) && features.includes('live-photo')
  return {
    ...(isTime ? { takenAt: { time, from: 'quicktime' } } : {}),
    ...(isText(camera) ? { camera } : {}),
    ...(isText(lens) ? { lens } : {}),
    ...(isLive ? { features: ['live-photo'] } : {}),
    ...(isText(contentId) ? { contentId } : {}),
    ...(typeof codec === 'string' && /^[\w.]{1,64}$/.test(codec) ? { codec } : {}),
    ...(typeof playable === 'boolean' ? { playable } : {}),
    ...(rotation === 90 || rotation === 180 || rotation === 270 ? { rotation } : {}),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2 * longestText && cleanText(value) === value
}
