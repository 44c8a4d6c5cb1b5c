import type { AddedFile, Origin } from './added-file.ts'
import { createConcurrencyLimiter } from './concurrency.ts'
import { cancelRemembered } from './direct.ts'
import { asUploadError, type UploadError, UploadPaused, unreadableError } from './errors.ts'
import { createIdempotencyKey } from './idempotency.ts'
import { fileKey } from './memory.ts'
import type { Progress } from './progress.ts'
import { fileOf, findRemembered } from './restore.ts'
import { createSignInPrompt } from './sign-in.ts'
import { defaultMemory, type UploadOptions, upload } from './upload.ts'
import { restoredItem, still, type UploadItem, unreadableItem, waitingItem } from './upload-item.ts'

/** Options of {@link createUploads}; those of {@link upload} that make sense for many files, and two more. */
export interface UploadsOptions
  extends Pick<
    UploadOptions,
    'endpoint' | 'headers' | 'credentials' | 'retries' | 'sleep' | 'random' | 'formLimit' | 'memory'
  > {
  /** Files that upload at a time. At most five request bodies are sent at a time, whatever this is. @default 3 */
  concurrency?: number
  /**
   * Called once for all files when the session has ended (401). They wait until it resolves and then go on; if it
   * rejects, they fail. If `headers` hold a token, put the new one there: they are read for each request.
   */
  signIn?: (error: UploadError) => Promise<void>
}

/** A queue of uploads: see {@link createUploads}. */
export interface Uploads {
  /** A snapshot, in the order of adding: the same array until something changes. */
  readonly items: readonly UploadItem[]
  /** Calls back after changes, for progress at most once per 16 ms. @returns unsubscribes */
  subscribe(listener: () => void): () => void
  /**
   * Adds what earlier pages left unfinished, as paused items. Those whose file can be read without asking the user go
   * on at once, unless the user had paused them.
   */
  restore(): Promise<void>
  /** Queues files and starts as many as may run. A file that an unfinished item waits for goes to that item. */
  add(files: Iterable<AddedFile>): void
  /** Stops a queued or uploading file and keeps what has arrived. */
  pause(id: string): void
  /**
   * Continues a paused file. Call it from a click handler: the browser may have to ask the user for permission to read
   * the file. An item that `needsFile` goes on when that file is added.
   */
  resume(id: string): void
  /** Pauses every file that is queued or uploading. */
  pauseAll(): void
  /** Resumes every paused file, but those that must be chosen again. */
  resumeAll(): void
  /** Queues a failed or cancelled file again, under its first Idempotency-Key. */
  retry(id: string): void
  /** Stops a file and forgets what has arrived. A form may have been stored by then. */
  cancel(id: string): void
  /** Removes a file from the list, and cancels it unless it has ended. */
  remove(id: string): void
  /** Removes the files that are done from the list. */
  clearDone(): void
}

interface Entry extends Origin {
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
  const { concurrency = 3, signIn, ...uploadOptions } = options
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
    const { handle, path, replaces } = entry
    const { session } = signInPrompt
    tell({ state: 'uploading', error: undefined })
    try {
      const media = await upload(file, {
        ...{ ...uploadOptions, idempotencyKey: id, limiter, signal, handle, path, replaces },
        onProgress: tell satisfies (progress: Progress) => void,
        onEvent: (event) => {
          tell(event === 'checking' ? { state: event, ...still } : { state: 'uploading', note: event })
          startWhatMay()
        },
      })
      tell({ state: 'done', sent: file.size, media })
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
    const file = entry.handle && (await fileOf(entry.handle, mayAsk))
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
    const state = entries.get(id)?.item.state
    if (state !== 'queued' && state !== 'uploading') return
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
  }
}
