import type { About, Origin } from './added-file.ts'
import { createUploadApi } from './api.ts'
import { createConcurrencyLimiter } from './concurrency.ts'
import { cancelRemembered } from './direct.ts'
import { asUploadError, UploadPaused, unreadableError } from './errors.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { fileKey } from './memory.ts'
import type { Progress } from './progress.ts'
import { withRetries } from './retry.ts'
import { createSignInPrompt } from './sign-in.ts'
import { defaultMemory, upload } from './upload.ts'
import { still, type UploadItem, unreadableItem, waitingItem } from './upload-item.ts'
import type { Uploads, UploadsOptions } from './uploads-interface.ts'

export type { Uploads, UploadsOptions }

/** Loaded where there may be something to go on with. */
const restoring = () => import('./restore.ts')

interface Entry extends Origin, About {
  item: UploadItem
  /** {@link fileKey} of its file, under which its upload is remembered. */
  key: string
}

/**
 * A queue of uploads as a plain store, for any framework or none. Progress is reported in batches, so that 500 files
 * are no problem.
 *
 * @example
 * const uploads = createUploads({ endpoint: '/api' })
 * uploads.subscribe(() => render(uploads.items))
 * input.onchange = () => uploads.add(input.files ?? [])
 * void uploads.restore()
 */
export function createUploads(options: UploadsOptions): Uploads {
  const { concurrency = 3, signIn, onMedia, ...uploadOptions } = options
  const signInPrompt = createSignInPrompt(signIn)
  const endpoint = options.endpoint.replace(/\/+$/, '')
  const limiter = createConcurrencyLimiter()
  const entries = new Map<string, Entry>()
  const running = new Map<string, AbortController>()
  const listeners = new Set<() => void>()
  let snapshot: readonly UploadItem[] = []
  let batch: ReturnType<typeof setTimeout> | undefined

  const publish = () => {
    clearTimeout(batch)
    batch = undefined
    snapshot = [...entries.values()].map(({ item }) => item)
    for (const listener of [...listeners]) listener()
  }
  const publishSoon = () => {
    // A timer, not an animation frame: there are none in a hidden tab.
    batch ??= setTimeout(publish, 16)
  }
  const set = (id: string, change: Partial<UploadItem>) => {
    const entry = entries.get(id)
    if (entry) entry.item = { ...entry.item, ...change }
  }

  const start = async (entry: Entry, file: File) => {
    const { id } = entry.item
    const controller = new AbortController()
    const { signal } = controller
    running.set(id, controller)
    const tell = (change: Partial<UploadItem>) => {
      if (signal.aborted) return
      set(id, change)
      publishSoon()
    }
    const { alt, data } = entry
    const { session } = signInPrompt
    tell({ state: 'uploading', error: undefined })
    try {
      let media = await upload(file, {
        ...{ ...uploadOptions, ...entry, idempotencyKey: id, limiter, signal },
        onProgress: tell satisfies (progress: Progress) => void,
        onWay: (way) => tell({ canPause: way === 'direct' }),
        onWait: (waiting) => tell({ ...still, waiting }),
        onEvent: (event) => {
          tell(event === 'checking' ? { state: event, ...still } : { state: 'uploading', note: event })
          startWhatMay()
        },
      })
      if ((alt || data) != null) {
        const { describe } = createUploadApi({ ...options, endpoint, signal })
        const { id } = media
        media = await withRetries(() => describe(id, { alt, data }), { ...options, signal })
      }
      tell({ state: 'done', sent: file.size, media, ...still })
      if (!signal.aborted) onMedia?.(media, entry.item)
    } catch (thrown) {
      const error = asUploadError(thrown)
      const renewed = signal.aborted ? undefined : signInPrompt.renew(error, session)
      tell({ state: renewed ? 'queued' : 'failed', error, ...still })
      renewed?.then(startWhatMay, () => {
        if (entry.item.state === 'queued') tell({ state: 'failed', error })
      })
    }
    if (running.get(id) === controller) running.delete(id)
    startWhatMay()
  }
  const startWhatMay = () => {
    const all = [...entries.values()]
    // A scan may take minutes: what waits for one holds up nobody.
    let free = concurrency - all.filter(({ item }) => item.state === 'uploading').length
    for (const entry of all) {
      if (free < 1 || signInPrompt.isAsking) return
      const { state, file } = entry.item
      if (state !== 'queued' || !file) continue
      free--
      void start(entry, file)
    }
  }
  const stop = (id: string, reason?: UploadPaused) => {
    running.get(id)?.abort(reason)
    running.delete(id)
  }
  /** Cancels the remembered upload of an item that is not running. */
  const forget = ({ item, key }: Entry) => {
    if (running.has(item.id) || item.state === 'done' || item.state === 'cancelled') return
    const memory = options.memory ?? defaultMemory()
    void cancelRemembered(key, { ...uploadOptions, endpoint, memory })
  }
  const queue = (entry: Entry, file: File) => {
    const key = fileKey(endpoint, file)
    const { id, sent } = entry.item
    // If the file is the same, what has arrived still counts.
    entry.item = { ...waitingItem(id, file), sent: key === entry.key ? sent : 0 }
    if (key !== entry.key) entry.replaces = entry.key
    entry.key = key
  }
  /** Reads the file of an earlier page again, if there is a handle to it. */
  const reopen = async (entry: Entry, mayAsk: boolean) => {
    const file = entry.handle && (await (await restoring()).fileOf(entry.handle, mayAsk))
    if (entry.item.state !== 'paused') return
    if (file) queue(entry, file)
    else if (mayAsk) set(entry.item.id, { needsFile: true })
    changed()
  }
  const changed = () => {
    startWhatMay()
    publish()
  }
  /** The item that needs this file to be chosen again. */
  const waitingFor = (file: File) => {
    const waiting = [...entries.values()].filter(
      ({ item }) => (item.state === 'paused' && !item.file) || item.error?.code === 'file_unreadable',
    )
    const key = fileKey(endpoint, file)
    return waiting.find((entry) => entry.key === key) ?? waiting.find(({ item }) => item.name === file.name)
  }
  const all = (work: (id: string) => void) => {
    for (const id of [...entries.keys()]) work(id)
  }

  const pause = (id: string) => {
    const { state, canPause } = entries.get(id)?.item ?? {}
    if (state !== 'queued' && (state !== 'uploading' || !canPause)) return
    set(id, { state: 'paused', ...still })
    stop(id, new UploadPaused())
    changed()
  }
  const resume = (id: string) => {
    const entry = entries.get(id)
    if (entry?.item.state !== 'paused') return
    if (!entry.item.file) return void reopen(entry, true)
    queue(entry, entry.item.file)
    changed()
  }
  const cancel = (id: string) => {
    const entry = entries.get(id)
    if (!entry || ['done', 'failed', 'cancelled'].includes(entry.item.state)) return
    forget(entry)
    set(id, { state: 'cancelled' })
    stop(id)
    changed()
  }

  return {
    get items() {
      return snapshot
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async restore() {
      const memory = options.memory ?? defaultMemory()
      const { findRemembered, restoredItem } = await restoring()
      for (const { upload, sent } of await findRemembered({ ...uploadOptions, endpoint, memory })) {
        const { key, name, size, handle, paused = false } = upload
        if ([...entries.values()].some((entry) => entry.key === key)) continue
        const id = createIdempotencyKey()
        const item = restoredItem(id, { name, size, sent, needsFile: !handle })
        const entry: Entry = { item, key, handle, path: upload.path }
        entries.set(id, entry)
        if (handle && !paused) void reopen(entry, false)
      }
      publish()
    },
    add(files) {
      const all = [...files]
      for (const added of all) {
        if ('cause' in added) continue
        const { file, idempotencyKey, ...about } =
          added instanceof File ? { file: added, idempotencyKey: undefined } : added
        const waiting = waitingFor(file)
        if (waiting) {
          Object.assign(waiting, about)
          queue(waiting, file)
          continue
        }
        // The item's id doubles as its Idempotency-Key: it is unique and lives as long.
        const id = idempotencyKey ?? createIdempotencyKey()
        entries.set(id, { item: waitingItem(id, file), key: fileKey(endpoint, file), ...about })
      }
      // Last, so that no other added file of the same name takes this item's place.
      for (const added of all) {
        if (!('cause' in added)) continue
        const id = createIdempotencyKey()
        entries.set(id, { item: unreadableItem(id, added.name, unreadableError(added.cause)), key: '' })
      }
      changed()
    },
    pause,
    resume,
    pauseAll: () => all(pause),
    resumeAll: () => all((id) => !entries.get(id)?.item.needsFile && resume(id)),
    retry(id) {
      const entry = entries.get(id)
      if (!entry?.item.file || !['failed', 'cancelled'].includes(entry.item.state)) return
      queue(entry, entry.item.file)
      changed()
    },
    cancel,
    remove(id) {
      const entry = entries.get(id)
      if (!entry) return
      forget(entry)
      entries.delete(id)
      stop(id)
      changed()
    },
    clearDone() {
      for (const { item } of [...entries.values()]) if (item.state === 'done') entries.delete(item.id)
      publish()
    },
    close() {
      listeners.clear()
      entries.clear()
      for (const one of running.values()) one.abort(new UploadPaused())
    },
  }
}
