import type { Media } from '@tintype/protocol'

/** What people call a codec, by its name in RFC 6381. */
export function codecTitle(codec: string): string {
  return titles.find(([pattern]) => pattern.test(codec))?.[1] ?? codec
}

const titles: [pattern: RegExp, title: string][] = [
  [/^(hvc1|hev1)/, 'H.265 (HEVC)'],
  [/^avc[13]/, 'H.264'],
  [/^av01/, 'AV1'],
  [/^vp0?9/, 'VP9'],
  [/^vp0?8/, 'VP8'],
  [/^ap[a-z0-9]{2}$/, 'ProRes'],
]

/**
 * Whether there is any hope for a video in this browser. What all browsers play is not asked about, and of what some play
 * the element itself knows most.
 */
export function canPlay(
  { playable, codec }: Pick<Media, 'playable' | 'codec'>,
  element = videoElement(),
): boolean {
  if (playable !== false || codec === undefined) return true
  return ['video/mp4', 'video/quicktime', 'video/webm'].some(
    (type) => element.canPlayType(`${type}; codecs="${codec}"`) !== '',
  )
}

function videoElement(): Pick<HTMLVideoElement, 'canPlayType'> {
  return document.createElement('video')
}
