import type { Media, MediaPage } from '@tintype/protocol'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import { library, listMedia } from './api.ts'
import { inOrder } from './photos/days.ts'

interface State {
  media: Media[]
  /** Cursor of the following page; null at the end, undefined before the first page came. */
  next: string | null | undefined
  loading: boolean
  /** Why the last page could not be loaded, as a sentence for the user. */
  error: string | null
}

type Action =
  | { type: 'loading' }
  | { type: 'loaded'; page: MediaPage }
  | { type: 'failed'; error: string }
  | { type: 'added'; media: Media }
  | { type: 'changed'; media: Media }
  | { type: 'removed'; id: string }
  | { type: 'heard'; event: 'ready' | 'changed' | 'restored'; media: Media }
  | { type: 'renewed'; page: MediaPage }

export interface Library extends State {
  /** Loads the following page, or the first. Does nothing while one is on its way. */
  loadMore(): void
  add(media: Media): void
  change(media: Media): void
  remove(id: string): void
  /** Fetches one media again, for signed URLs that have expired. */
  refresh(id: string): Promise<void>
}

/** The media known to this page, day by day, those first that were taken last. @param isOpen false: nothing is requested yet */
export function useLibrary(isOpen: boolean): Library {
  const [state, dispatch] = useReducer(reduce, { media: [], next: undefined, loading: true, error: null })
  const flight = useRef<AbortController | null>(null)
  const { next } = state

  const loadMore = useCallback(() => {
    if (flight.current || next === null) return
    const controller = new AbortController()
    flight.current = controller
    dispatch({ type: 'loading' })
    listMedia(next ?? null, controller.signal)
      .then(
        (page) => dispatch({ type: 'loaded', page }),
        (error: Error) => {
          if (!controller.signal.aborted) dispatch({ type: 'failed', error: error.message })
        },
      )
      .finally(() => {
        if (flight.current === controller) flight.current = null
      })
  }, [next])

  const { error } = state
  const missing = useRef<(() => void) | null>(null)
  useEffect(() => {
    missing.current = next === undefined || error !== null ? loadMore : null
  }, [next, error, loadMore])
  // At the start, and after signing in again, for what could not be loaded meanwhile.
  useEffect(() => {
    if (isOpen) missing.current?.()
  }, [isOpen])
  useEffect(
    () => () => {
      flight.current?.abort()
      flight.current = null
    },
    [],
  )

  // Of what happens in other tabs and on other devices.
  useEffect(() => {
    if (!isOpen) return
    return library.live((event) => {
      if (event.type === 'removed') dispatch(event)
      else if (event.type !== 'reset') dispatch({ type: 'heard', event: event.type, media: event.media })
      else
        listMedia(null).then(
          (page) => dispatch({ type: 'renewed', page }),
          () => {},
        )
    })
  }, [isOpen])

  useEffect(() => {
    if (error === null) return
    window.addEventListener('online', loadMore)
    return () => window.removeEventListener('online', loadMore)
  }, [error, loadMore])

  return {
    ...state,
    loadMore,
    add: useCallback((media) => dispatch({ type: 'added', media }), []),
    change: useCallback((media) => dispatch({ type: 'changed', media }), []),
    remove: useCallback((id) => dispatch({ type: 'removed', id }), []),
    refresh: useCallback(async (id) => dispatch({ type: 'changed', media: await library.get(id) }), []),
  }
}

function reduce(state: State, action: Action): State {
  const { media } = state
  switch (action.type) {
    case 'loading':
      return { ...state, loading: true, error: null }
    case 'loaded': {
      // The page may contain media that was uploaded here meanwhile.
      const known = new Set(media.map(({ id }) => id))
      const fresh = action.page.media.filter(({ id }) => !known.has(id))
      return { media: inOrder([...media, ...fresh]), next: action.page.next, loading: false, error: null }
    }
    case 'failed':
      return { ...state, loading: false, error: action.error }
    case 'added':
      return { ...state, media: inOrder([action.media, ...media.filter(({ id }) => id !== action.media.id)]) }
    case 'changed':
      return { ...state, media: media.map((one) => (one.id === action.media.id ? action.media : one)) }
    case 'heard': {
      const known = media.find(({ id }) => id === action.media.id)
      // What was done here is known already, perhaps by a later revision.
      if (known && known.revision > action.media.revision) return state
      if (known) return { ...state, media: media.map((one) => (one === known ? action.media : one)) }
      return action.event === 'changed' ? state : { ...state, media: inOrder([action.media, ...media]) }
    }
    case 'renewed':
      return { ...state, media: inOrder([...action.page.media]), next: action.page.next, error: null }
    case 'removed':
      return { ...state, media: media.filter(({ id }) => id !== action.id) }
  }
}
