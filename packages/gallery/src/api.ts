import { type Media, type MediaPage, type Problem, routes } from '@tintype/protocol'

/** Where the server mounts the API. */
export const endpoint = '/api'

/** An answer other than 2xx, or none at all (`status` 0). `message` is a sentence fit for people. */
class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

export interface Session {
  signedIn: boolean
  /** Whether the server wants a token at all. */
  required: boolean
}

/** Dispatches `required` when the server answers that it doesn't know who is asking (401). */
export const signInEvents = new EventTarget()

/** One page of media, newest first. `cursor` is the `next` of the page before. */
export function listMedia(cursor: string | null, signal?: AbortSignal): Promise<MediaPage> {
  const query = new URLSearchParams({ limit: '60', ...(cursor === null ? {} : { cursor }) })
  return json(`${endpoint}${routes.media}?${query}`, { signal: signal ?? null })
}

/** One media with fresh signed URLs. */
export const getMedia = (id: string): Promise<Media> => json(endpoint + routes.mediaItem(id))

/** Leads to the original with a disposition that makes browsers save it, also from another origin. */
export const downloadUrl = (id: string): string =>
  `${endpoint}${routes.mediaVariant(id, 'original')}?download`

export const setCaption = (id: string, caption: string | null): Promise<Media> =>
  json(endpoint + routes.mediaItem(id), {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ caption }),
  })

/** Resolves once the media can no longer be seen; a media that is absent already counts as deleted. */
export async function deleteMedia(id: string): Promise<void> {
  try {
    await send(endpoint + routes.mediaItem(id), { method: 'DELETE' })
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  }
}

/** A server that knows no sessions (404, or a page where JSON should be) requires none. */
export async function getSession(): Promise<Session> {
  try {
    return await json<Session>('/session')
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 200)) {
      return { signedIn: false, required: false }
    }
    throw error
  }
}

export async function signIn(token: string): Promise<void> {
  await send('/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  })
}

export async function signOut(): Promise<void> {
  await send('/session', { method: 'DELETE' })
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await send(url, init)
  try {
    return await response.json()
  } catch (error) {
    throw new ApiError(response.status, 'The server gave an answer that isn’t understood.', error)
  }
}

async function send(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { ...init, headers: { Accept: 'application/json', ...init.headers } })
  } catch (error) {
    init.signal?.throwIfAborted()
    throw new ApiError(0, 'The server can’t be reached. Check the connection and try again.', error)
  }
  if (response.ok) return response
  if (response.status === 401) signInEvents.dispatchEvent(new Event('required'))
  const problem: Partial<Problem> | null = await response.json().catch(() => null)
  throw new ApiError(
    response.status,
    problem?.detail ??
      problem?.title ??
      `The server has a problem (${response.status}). Try again in a while.`,
  )
}
