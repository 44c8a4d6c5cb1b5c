import {
  type Media,
  type MultipartPlan,
  maxSinglePut,
  type SignedPut,
  type UploadedPart,
  type UploadRequest,
} from '@tintype/protocol'
import { type ApiOptions, createUploadApi, type UploadApi } from './api.ts'
import type { ConcurrencyLimiter } from './concurrency.ts'
import { isForeignAnswer, refusalError, UploadError, UploadPaused } from './errors.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { withLock } from './locks.ts'
import { edgesOf, fileKey, lockName, type RememberedUpload, type UploadMemory } from './memory.ts'
import { sendParts } from './parts.ts'
import type { ProgressMeter } from './progress.ts'
import { type RetryOptions, withRetries } from './retry.ts'
import { scanned, type UploadEvent, unscanned } from './scan.ts'
import { sha256 } from './sha256.ts'
import { FileChanged, putSigned } from './storage.ts'
import { typeOf } from './type.ts'

export interface DirectOptions extends ApiOptions, RetryOptions {
  caption?: string | undefined
  fields?: Record<string, string> | undefined
  memory: UploadMemory
  limiter: ConcurrencyLimiter
  meter: ProgressMeter
  onEvent: (event: UploadEvent) => void
  /** Key of a remembered upload of an older version of this file: it is cancelled. */
  replaces?: string | undefined
  /** Stored with the remembered upload. */
  path?: string | undefined
  handle?: FileSystemFileHandle | undefined
}

/** An upload known to client and server, with what the storage has. Neither `put` nor `multipart`: all of it. */
interface Begun {
  put: SignedPut | undefined
  multipart: MultipartPlan | undefined
  remembered: RememberedUpload
  parts: readonly UploadedPart[]
}

/** How often one call asks the server again or starts again: the session may be gone, the file may have changed. */
const mostRounds = 4

/**
 * Sends a file straight to the object storage, by one PUT or in parallel parts as the server decides, and has the
 * server inspect it. Continues what an earlier call, a reload or a crash left unfinished. If two tabs have the same
 * file, one sends; the other waits and gets the same media.
 *
 * @returns undefined where the server has no direct uploads
 * @throws {UploadError}
 */
export async function uploadDirect(file: File, options: DirectOptions): Promise<Media | undefined> {
  const { endpoint, memory, signal } = options
  const api = createUploadApi(options)
  const key = fileKey(endpoint, file)
  const subject: Subject = {
    ...{ api, key, file, options },
    edges: await sha256(edgesOf(file)),
    whole: file.size <= maxSinglePut ? await sha256(file) : undefined,
  }
  const seen = await memory.get(key)

  return withLock(lockName(key), signal, async () => {
    await dropFormer(subject)
    let remembered = (await memory.get(key)) ?? seen
    for (let round = 1; ; round++) {
      const taken = remembered && (await takeUp(subject, remembered))
      if (taken && 'id' in taken) return taken
      const begun = taken ?? (await begin(subject))
      if (!begun) return undefined
      try {
        const media = await transfer(subject, begun)
        if (media) return media
        if (round === mostRounds) throw unscanned()
      } catch (error) {
        const again = await afterFailure(subject, begun.remembered, error)
        if (!again || round === mostRounds) throw error
      }
      remembered = await memory.get(key)
    }
  })
}

/** Cancels the remembered upload of this key, here and at the server, once no tab is sending it. */
export async function cancelRemembered(
  key: string,
  { memory, ...options }: ApiOptions & { memory: UploadMemory },
): Promise<void> {
  await withLock(lockName(key), undefined, async () => {
    const remembered = await memory.get(key)
    if (!remembered) return
    await memory.delete(key)
    await createUploadApi(options).cancel(remembered.session)
  })
}

interface Subject {
  api: UploadApi
  file: File
  key: string
  edges: string
  /** SHA-256, where the file goes by one PUT. */
  whole: string | undefined
  options: DirectOptions
}

async function dropFormer({ api, key, options }: Subject): Promise<void> {
  const { replaces, memory, onEvent } = options
  const former = replaces === undefined || replaces === key ? undefined : await memory.get(replaces)
  if (!former) return
  await memory.delete(former.key)
  await api.cancel(former.session)
  onEvent('changed')
}

/** What became of a started upload: its media, or how to go on. Undefined: start again. */
async function takeUp(subject: Subject, remembered: RememberedUpload): Promise<Media | Begun | undefined> {
  const { api, options, edges, whole } = subject
  if (remembered.edges !== edges || remembered.sha256 !== whole) {
    await afterFailure(subject, remembered, new FileChanged())
    return undefined
  }
  const status = await scanned(api, remembered.session, options)
  if (status?.state === 'open') {
    if (remembered.paused) await options.memory.set({ ...remembered, paused: false })
    options.onEvent('resumed')
    const { put, parts } = status
    // Neither a URL nor parts: the object is whole already.
    return { put, multipart: parts && status.multipart, remembered, parts: parts ?? [] }
  }
  await options.memory.delete(remembered.key)
  if (status?.refusal) throw refusalError(status.refusal)
  return status?.media
}

/** @returns undefined where the server has no direct uploads */
async function begin({ api, file, key, edges, whole, options }: Subject): Promise<Begun | undefined> {
  const { name, size, lastModified } = file
  const { endpoint, caption, fields, memory, path, handle } = options
  const type = typeOf(file)
  // JSON leaves out what is undefined.
  const request = { name, size, type, sha256: whole, caption, fields } as UploadRequest
  const idempotencyKey = createIdempotencyKey()
  const session = await withRetries(() => api.create(request, idempotencyKey), options)
  if (!session) return undefined
  const remembered: RememberedUpload = {
    ...{ key, endpoint, session: session.id, name, size, type: file.type, lastModified, edges },
    ...{ expiresAt: Date.parse(session.expiresAt), sha256: whole, caption, path, handle },
  }
  await memory.set(remembered)
  return { put: session.put, multipart: session.multipart, remembered, parts: [] }
}

/** @returns undefined while it is being scanned: {@link takeUp} waits for that */
async function transfer({ api, file, whole, options }: Subject, begun: Begun): Promise<Media | undefined> {
  const { multipart, put, remembered } = begun
  const { memory, meter, onEvent } = options
  const { session } = remembered
  let request = {}
  if (multipart) {
    const parts = await sendParts(file, { ...options, api, session, plan: multipart, stored: begun.parts })
    const told = parts.flatMap(({ etag, ...part }) => (etag === null ? [] : [{ ...part, etag }]))
    if (told.length === parts.length) request = { parts: told }
  } else if (put) {
    let first: typeof put | undefined = put
    const sign = async () => {
      const signed = first ?? (await api.status(session))?.put
      first = undefined
      return signed
    }
    const onSent = (sent: number) => meter.sending('put', sent)
    await putSigned({ ...options, body: file, sha256: whole ?? '', sign, onSent })
  }
  onEvent('checking')
  const media = await withRetries(() => api.complete(session, request), options)
  if ('uploads' in media) return undefined
  await memory.delete(remembered.key)
  return media
}

/** Cleans up memory and server after `error`. @returns whether to ask the server again */
async function afterFailure(
  { api, options }: Subject,
  remembered: RememberedUpload,
  error: unknown,
): Promise<boolean> {
  const { memory, signal, onEvent } = options
  if (signal?.aborted && signal.reason instanceof UploadPaused) {
    await memory.set({ ...remembered, paused: true })
    return false
  }
  if (signal?.aborted || error instanceof FileChanged) {
    await memory.delete(remembered.key)
    await api.cancel(remembered.session)
    if (!signal?.aborted) onEvent('changed')
    return !signal?.aborted
  }
  // An answer of a proxy says nothing about the session.
  if (!(error instanceof UploadError) || isForeignAnswer(error)) return false
  // The session has ended some other way, or parts are missing: the server knows.
  if (error.status === 404 || error.status === 409) return true
  const refused = error.status === 413 || error.status === 415 || error.status === 422
  if (refused) await memory.delete(remembered.key)
  return false
}
