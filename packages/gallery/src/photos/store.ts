import type { LibraryEvent, Media, MediaPage } from '@tintype/client/library'
import type { Timeline } from '@tintype/protocol'
import { forEach } from '../for-each.ts'
import {
  createOutline,
  emptyOutline,
  type Outline,
  type Page,
  pageFor,
  pageOfMedia,
  pagesOf,
  withLoaded,
  withMedia,
  without,
} from './outline.ts'

export interface PhotosState {
  outline: Outline
  /** Before the first photos came; when they did; when they can't be had. */
  phase: 'loading' | 'ready' | 'failed'
  /** Why something could not be loaded, as a sentence for the user. */
  error: string | null
  /** Where every photo stands is known, not only where the first do. */
  isWhole: boolean
  /** Those that came since the page was loaded, and nobody has looked at. */
  arrived: ReadonlySet<string>
}

/** What is asked of the server. */
export interface PhotosSource {
  list(query: { cursor: string | null; limit: number }): Promise<MediaPage>
  timeline(): Promise<Timeline>
  get(id: string): Promise<Media>
  live(listener: (event: LibraryEvent) => void): () => void
  /** What to do with photos that come: all belong here, the server knows which do, or they are left for the next visit. */
  onNew: 'show' | 'ask' | 'leave'
}

export type PhotoStore = ReturnType<typeof createPhotoStore>

const firstPage = 60
/** Pages that are kept: beyond that, those go that are furthest away. */
const mostLoaded = 40
const loadsAtOnce = 3
/** Milliseconds. */
const pause = 500

/** The photos that this page knows: where all of them stand, and those around what is in view. */
export function createPhotoStore(source: PhotosSource) {
  let state: PhotosState = {
    outline: emptyOutline,
    phase: 'loading',
    error: null,
    isWhole: false,
    arrived: new Set(),
  }
  const listeners = new Set<() => void>()
  /** Pages in view, and those that come next. */
  let wanted: readonly number[] = []
  const loading = new Set<string | null>()
  let again: ReturnType<typeof setTimeout> | undefined
  let stopLive = () => {}
  /** What is loaded may have been replaced, or be others by now. */
  let isStale = false
  /** What this page itself deletes or restores, until the server has told of it. */
  const own = new Map<string, 'removed' | 'restored'>()
  /** How much of that is under way. */
  let underWay = 0
  let isDue = false
  let isOver = false

  const set = (change: Partial<PhotosState>) => {
    if (isOver) return
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const setPages = (pages: readonly Page[], change: Partial<PhotosState> = {}) =>
    set({ ...change, outline: createOutline(pages) })
  const fail = (error: unknown) =>
    set({ error: (error as Error).message, ...(state.phase === 'loading' ? { phase: 'failed' } : {}) })

  async function start() {
    isOver = false
    set({ error: null, phase: state.phase === 'failed' ? 'loading' : state.phase })
    try {
      if (state.phase === 'ready') {
        // What has happened since it was shown last is not known: it stays in view until it is.
        isStale = true
        await readAll()
      } else await readFirst()
    } catch (error) {
      fail(error)
    }
    stopLive()
    if (!isOver) stopLive = source.live(hear)
  }

  async function readFirst() {
    const { media, next } = await source.list({ cursor: null, limit: firstPage })
    const added = withMedia(
      [pageOfMedia(null, media)],
      state.outline.pages.flatMap((page) => page.media ?? []),
    )
    setPages(added ?? [pageOfMedia(null, media)], { phase: 'ready', isWhole: next === null })
    if (next !== null) await readAll()
  }

  /** Asks where all stand. What is in view is loaded before that is shown, so that nothing flickers. */
  async function readAll() {
    const timeline = await source.timeline()
    // It may tell of what is being deleted as if it were there.
    if (underWay > 0) return readAllSoon()
    const before = state.outline.pages
    const cursors = new Set(wanted.map((at) => before[at]?.cursor))
    const wasStale = isStale
    let pages: readonly Page[] = pagesOf(timeline, wasStale ? [] : before)
    isStale = false
    for (const page of pages) {
      if (page.media || !cursors.has(page.cursor)) continue
      pages = withLoaded(pages, new Map([[page.cursor, await mediaOf(page)]]))
    }
    if (underWay > 0) {
      isStale ||= wasStale
      return readAllSoon()
    }
    setPages(pages, { isWhole: true, error: null })
    load()
  }
  /** Once for all that happens within a moment. */
  function readAllSoon() {
    clearTimeout(again)
    isDue = underWay > 0
    if (!isDue) again = setTimeout(() => readAll().catch(fail), pause)
  }

  async function mediaOf({ cursor, ratios }: Page): Promise<Media[]> {
    const { media } = await source.list({ cursor, limit: Math.max(1, ratios.length) })
    return media
  }

  /** What is wanted and not there, the last wanted first. */
  function load() {
    for (const at of wanted) {
      const page = state.outline.pages[at]
      if (!page || page.media || loading.has(page.cursor) || loading.size >= loadsAtOnce) continue
      const { cursor } = page
      loading.add(cursor)
      mediaOf(page)
        .then((media) => {
          const pages = withLoaded(state.outline.pages, new Map([[cursor, media]]))
          setPages(forget(pages), { error: null })
        }, fail)
        .finally(() => {
          loading.delete(cursor)
          if (state.error === null) load()
        })
    }
  }

  function forget(pages: readonly Page[]): readonly Page[] {
    const loaded = pages.flatMap(({ media }, at) => (media ? [at] : []))
    if (loaded.length <= mostLoaded) return pages
    const middle = wanted[0] ?? 0
    const near = new Set(
      loaded.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle)).slice(0, mostLoaded),
    )
    return pages.map((page, at) => (page.media && !near.has(at) ? { ...page, media: null } : page))
  }

  function add(media: readonly Media[]) {
    if (media.length === 0) return
    const isNew = media.some(({ id }) => state.outline.indexOf(id) < 0)
    // Whether it has the words of a search, too, the server knows.
    if (isNew && source.onNew !== 'show') return readAllSoon()
    const pages = withMedia(state.outline.pages, media)
    if (pages) setPages(pages)
    else readAllSoon()
  }
  function change(media: Media) {
    if (state.outline.indexOf(media.id) >= 0) add([media])
  }
  function remove(ids: readonly string[]) {
    const known = ids.filter((id) => state.outline.indexOf(id) >= 0)
    if (known.length > 0) setPages(without(state.outline.pages, new Set(known)))
    if (known.length < ids.length && state.phase === 'ready') readAllSoon()
  }

  /** Whether it tells of what this page has done itself, and shows already, or will at the end. */
  function isOwn(event: LibraryEvent): boolean {
    if (event.type === 'reset') return false
    const id = event.type === 'removed' ? event.id : event.media.id
    if (own.get(id) !== event.type) return false
    own.delete(id)
    const isShown = state.outline.indexOf(id) >= 0
    return event.type === 'removed' ? !isShown : isShown || underWay > 0
  }

  function hear(event: LibraryEvent) {
    if (isOwn(event)) return
    if (event.type === 'reset') {
      isStale = true
      readAllSoon()
    } else if (event.type === 'removed') {
      if (state.outline.indexOf(event.id) >= 0 || state.isWhole) remove([event.id])
    } else if (state.outline.indexOf(event.media.id) >= 0) change(event.media)
    else if (event.type !== 'changed' && source.onNew !== 'leave') {
      set({ arrived: new Set(state.arrived).add(event.media.id) })
      add([event.media])
    }
  }

  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get: () => state,
    start: () => void start(),
    stop() {
      isOver = true
      clearTimeout(again)
      stopLive()
    },
    /** @param pages the most important first */
    want(pages: readonly number[]) {
      wanted = pages
      load()
    },
    retry() {
      if (state.phase === 'failed') void start()
      else if (!state.isWhole || isStale) readAll().catch(fail)
      else {
        set({ error: null })
        load()
      }
    },
    /**
     * What stands at these places, loaded for that where it isn't there.
     * @returns undefined where it can't be loaded, which is said
     */
    async mediaAt(places: readonly number[]): Promise<Media[] | undefined> {
      const { outline } = state
      const missing = new Set(places.map(outline.pageAt).filter((at) => !outline.pages[at]?.media))
      if (missing.size === 0) return placed(outline, places)
      const loaded = new Map<string | null, readonly Media[]>()
      try {
        await forEach([...missing], loadsAtOnce, async (at) => {
          const page = outline.pages[at]
          if (page) loaded.set(page.cursor, await mediaOf(page))
        })
      } catch (error) {
        fail(error)
        return undefined
      }
      setPages(forget(withLoaded(state.outline.pages, loaded)))
      return placed(createOutline(withLoaded(outline.pages, loaded)), places)
    },
    /**
     * Deletes or restores these here. Until it has ended nothing is read anew, which would show for a while what has just gone; and
     * what the server tells of them afterwards is no news.
     */
    async during<T>(
      type: 'removed' | 'restored',
      ids: readonly string[],
      work: () => Promise<T>,
    ): Promise<T> {
      for (const id of ids) own.set(id, type)
      underWay++
      try {
        return await work()
      } finally {
        underWay--
        if (isDue) readAllSoon()
      }
    },
    seen: () => state.arrived.size > 0 && set({ arrived: new Set() }),
    /** Loads what stands around this photo, so that its place is known. */
    locate(one: Media, at: number) {
      const page = pageFor(state.outline.pages, at)
      if (state.outline.indexOf(one.id) >= 0 || page < 0) return
      wanted = [page, page + 1, ...wanted]
      load()
    },
    /** Fetches one photo again, for signed URLs that have expired. */
    async refresh(id: string) {
      change(await source.get(id))
    },
    add,
    change,
    remove,
  }
}

const placed = (outline: Outline, places: readonly number[]): Media[] =>
  places.flatMap((at) => outline.mediaAt(at) ?? [])
