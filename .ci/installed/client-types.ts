// All of the client's API, type-checked against the packed package like library-options.ts.
import {
  type AddedFile,
  type ConcurrencyLimiter,
  type Credentials,
  createConcurrencyLimiter,
  createIdempotencyKey,
  createUploads,
  fileKey,
  type Media,
  type Progress,
  type RememberedUpload,
  UploadError,
  type UploadErrorCode,
  type UploadEvent,
  type UploadItem,
  type UploadMemory,
  type UploadOptions,
  UploadPaused,
  type UploadState,
  type Uploads,
  type UploadsOptions,
  upload,
} from '@tintype/client'
import { type ImageBox, type SrcsetOptions, sizes, srcset } from '@tintype/client/images'
import { useUploads } from '@tintype/client/react'

/** One function for each member. */
type Each<Api> = { [Name in keyof Api]-?: () => unknown }
/** All options, none left out. */
type All<Options> = { [Name in keyof Options]-?: Options[Name] }

declare const file: File
const limiter: ConcurrencyLimiter = createConcurrencyLimiter()
const credentials: Credentials = 'include'
const remembered: RememberedUpload[] = []
const memory: UploadMemory = {
  list: async () => remembered,
  get: async (key) => remembered.find((one) => one.key === key),
  set: async (upload) => void remembered.push(upload),
  delete: async () => {},
}
const options: All<UploadOptions> = {
  endpoint: '/api',
  caption: 'At sea',
  fields: { album: '7' },
  onProgress: ({ sent, total, bytesPerSecond, secondsLeft }: Progress) =>
    void [sent / total, bytesPerSecond, secondsLeft?.toFixed()],
  onEvent: (event: UploadEvent) => void event,
  onWay: (way) => void way,
  onWait: (wait) => void wait?.until,
  headers: { 'X-User': 'me' },
  credentials,
  formLimit: undefined,
  idempotencyKey: createIdempotencyKey(),
  memory,
  limiter,
  replaces: undefined,
  path: 'holiday/1.jpg',
  handle: undefined,
  retries: 3,
  signal: new AbortController().signal,
  sleep: async () => {},
  random: () => 0.5,
}

async function one(): Promise<Media | UploadErrorCode | undefined> {
  try {
    return await upload(file, options)
  } catch (error) {
    if (error instanceof UploadPaused) return
    if (error instanceof UploadError) return error.code
    throw error
  }
}

const queue: UploadsOptions = { endpoint: '/api', concurrency: 3, signIn: async (error) => void error.code }
const uploads: Uploads = createUploads(queue)
const added: AddedFile[] = [file]
const id = 'id'
const states: UploadState[] = uploads.items.map((item: UploadItem) => item.state)
const calls: Each<Uploads> = {
  items: () =>
    uploads.items.map(({ name, size, sent, error, media }) => [name, size, sent, error, media?.id]),
  subscribe: () => uploads.subscribe(() => {})(),
  restore: () => uploads.restore(),
  add: () => uploads.add(added),
  pause: () => uploads.pause(id),
  resume: () => uploads.resume(id),
  pauseAll: () => uploads.pauseAll(),
  resumeAll: () => uploads.resumeAll(),
  retry: () => uploads.retry(id),
  cancel: () => uploads.cancel(id),
  remove: () => uploads.remove(id),
  clearDone: () => uploads.clearDone(),
  close: () => uploads.close(),
}
const hook = (): Uploads => useUploads(queue)
const from: All<SrcsetOptions> = { endpoint: '/api', format: 'webp' }
const box: All<ImageBox> = { width: '100vw', height: '80vh', fit: 'cover' }
const picture = (media: Media) => ({ srcSet: srcset(media, from), sizes: sizes(media, box) })
export const all = { one, states, calls, hook, picture, key: fileKey('/api', file) }
