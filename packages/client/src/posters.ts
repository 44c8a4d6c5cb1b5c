/** Posters of videos that the server can't decode. An entry point of its own: `@tintype/client/posters`. */
import { type Media, routes } from '@tintype/protocol'
import { readAnswer } from './json.ts'
import { type Credentials, type RequestHeaders, send } from './transport.ts'
import type { Uploads } from './uploads-interface.ts'

export type { Credentials, Media, RequestHeaders, Uploads }

/** Where the API is, and what goes with a request. */
export interface PosterOptions {
  /** Where the API is mounted, e.g. `/api`. */
  endpoint: string
  /** Sent with each request, such as a token. */
  headers?: RequestHeaders | undefined
  /** `include` sends cookies to a server on another origin, too. @default 'same-origin' */
  credentials?: Credentials | undefined
}

/** Pixels of the longer side: what the server makes of it is no larger. */
const longestSide = 2048
/** Seconds into the video that are looked at where it begins in the dark. */
const momentsOf = (duration: number) => [1, 3, duration * 0.9].filter((moment) => moment < duration)
/** Mean brightness, of 255, below which a picture counts as dark. */
const dark = 24
/** Milliseconds after which a browser that says nothing is not waited for. */
const patience = 15_000

/**
 * Sends a frame of each video of the queue that the server has made no poster of: some of its decoders may not be installed,
 * or not know what this browser plays. What this browser can't play either stays without.
 *
 * @returns ends it
 * @example
 * sendPosters(uploads, { endpoint: '/api' })
 */
export function sendPosters(
  uploads: Pick<Uploads, 'items' | 'subscribe'>,
  options: PosterOptions,
): () => void {
  const seen = new Set<string>()
  let line: Promise<unknown> = Promise.resolve()
  const look = () => {
    for (const { file, media } of uploads.items) {
      if (!file || !media || !lacksPoster(media) || seen.has(media.id)) continue
      seen.add(media.id)
      // One after the other: each has a decoder of the browser.
      line = line.then(() => sendPoster(file, media, options)).catch(() => {})
    }
  }
  look()
  return uploads.subscribe(look)
}

/**
 * Sends a frame of this file as the poster of the video that was made of it. The server inspects it like any picture, and
 * keeps a poster that is there already.
 *
 * @returns the video as it is now; undefined where there is nothing to send: it has a poster, or this browser can't play it
 * @throws {UploadError} with what the server says
 * @example const { urls } = (await sendPoster(file, media, { endpoint: '/api' })) ?? media
 */
export async function sendPoster(
  file: Blob,
  media: Pick<Media, 'id' | 'kind' | 'urls'>,
  { endpoint, headers, credentials }: PosterOptions,
): Promise<Media | undefined> {
  const frame = lacksPoster(media) ? await captureFrame(file) : undefined
  if (!frame) return undefined
  const answer = await send({
    method: 'PUT',
    url: endpoint.replace(/\/+$/, '') + routes.mediaVariant(media.id, 'poster'),
    headers: { Accept: 'application/json', 'Content-Type': frame.type },
    own: headers,
    credentials,
    body: frame,
  })
  return readAnswer(answer, 'id') as Media
}

const lacksPoster = ({ kind, urls }: Pick<Media, 'kind' | 'urls'>) =>
  kind === 'video' && urls.poster === undefined

/**
 * A picture of a video, as this browser shows it: upright, in its colours, as JPEG.
 * @returns undefined where it can't play it
 */
export async function captureFrame(file: Blob): Promise<Blob | undefined> {
  const url = URL.createObjectURL(file)
  const video = document.createElement('video')
  Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: url })
  try {
    await happens(video, 'loadeddata')
    let canvas = draw(video, longestSide)
    for (const moment of momentsOf(video.duration)) {
      if (!isDark(video)) break
      video.currentTime = moment
      await happens(video, 'seeked')
      canvas = draw(video, longestSide)
    }
    return await new Promise((resolve) =>
      canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.9),
    )
  } catch {
    return undefined
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
}

/** @throws where the video fails first, or nothing happens */
function happens(video: HTMLVideoElement, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(video.error ?? new Error('The video can not be shown.'))
    const timer = setTimeout(fail, patience)
    const end = (then: () => void) => () => {
      clearTimeout(timer)
      then()
    }
    video.addEventListener(name, end(resolve), { once: true })
    video.addEventListener('error', end(fail), { once: true })
  })
}

function draw(video: HTMLVideoElement, longest: number): HTMLCanvasElement {
  const { videoWidth, videoHeight } = video
  const scale = Math.min(1, longest / Math.max(videoWidth, videoHeight, 1))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(videoWidth * scale))
  canvas.height = Math.max(1, Math.round(videoHeight * scale))
  contextOf(canvas).drawImage(video, 0, 0, canvas.width, canvas.height)
  return canvas
}

function isDark(video: HTMLVideoElement): boolean {
  const small = draw(video, 16)
  const { data } = contextOf(small).getImageData(0, 0, small.width, small.height)
  let sum = 0
  for (let at = 0; at < data.length; at += 4)
    sum += Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0)
  return sum / (data.length / 4) < dark
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser draws nothing.')
  return context
}
