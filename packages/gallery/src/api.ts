import { createLibrary, type Problem, type UploadError } from '@tintype/client/library'
import { routes, sharedRoutes, type Timeline, timelineRoute } from '@tintype/protocol'
import { guestLink, home } from './home.ts'
import { inTime } from './in-time.ts'

/** Where the server mounts the API: for a guest, that of the link. */
export const endpoint =
  guestLink === null ? `${home}api` : home.replace(/\/$/, '') + sharedRoutes.endpoint(guestLink)

/** An answer other than 2xx, or none at all (`status` 0). `message` is a sentence fit for people. */
export class ApiError extends Error {
  declare readonly status: number
  /** As in docs/errors.md; undefined where it is none of this server's. */
  declare readonly code: string | undefined

  constructor(
    status: number,
    message: string,
    { code, cause }: { code?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause })
    Object.assign(this, { name: 'ApiError', status, code })
  }
}

const session = `${home}session`

export interface Session {
  signedIn: boolean
  /** Whether one has to sign in at all. */
  required: boolean
  /** Of the person who has signed in; left out with the token alone. */
  name?: string
  /** By what one can; left out where it is the token alone. */
  ways?: readonly SignInWay[]
  /** Whether somebody can sign in by a passkey. */
  passkeys?: boolean
  /** Left out by a server that has none. */
  albums?: boolean
  /** The box into which the variant `view` is made, in pixels; left out where it is the usual one. */
  view?: Box
}

/** Pixels. */
export interface Box {
  width: number
  height: number
}

export type SignInWay = 'password' | 'token'
export type Credentials = { token: string } | { name: string; password: string }

/** Dispatches `required` when the server answers 401, and `done` after signing in. */
export const signInEvents = new EventTarget()

let isDue = false
for (const event of ['required', 'done'])
  signInEvents.addEventListener(event, () => {
    isDue = event === 'required'
  })

/** Whether what was asked of the server waits until somebody has signed in. */
export const isSignInDue = (): boolean => isDue

/** Tells the other tabs of this browser that the session has changed: they have the same cookie. */
export const otherTabs = 'BroadcastChannel' in window ? new BroadcastChannel('tintype session') : undefined

/** Shows the sign-in and resolves when it succeeded. Rejects when signing in is no help. */
export async function askToSignIn(error: UploadError): Promise<void> {
  // The 401 is a proxy's, which knows nothing of our sessions.
  if (error.code !== 'unauthenticated') throw error
  return nextSignIn()
}

/**
 * For uploads, before each request: one that is repeated for another reason would go to the person who signs in next, in this tab or
 * another one.
 */
export async function noneWhileSignInIsDue(): Promise<Record<string, string>> {
  while (isDue) await signInDone()
  return {}
}

function nextSignIn(): Promise<void> {
  const done = signInDone()
  signInEvents.dispatchEvent(new Event('required'))
  return done
}

function signInDone(): Promise<void> {
  return new Promise((resolve) => {
    signInEvents.addEventListener('done', () => resolve(), { once: true })
  })
}

/** The photos and videos of the owner who is signed in. When the session has ended, its calls wait for the next sign-in. */
export const library = createLibrary({ endpoint, signIn: askToSignIn })

/** The time zone of this device. */
export const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * Where every photo stands, by the days of this device's time zone.
 * @param query only those with these words
 * @param mount the API, or an album of it
 */
export function getTimeline(query: string, mount = endpoint): Promise<Timeline> {
  const parameters = new URLSearchParams({ zone, ...(query === '' ? {} : { q: query }) })
  return ask(`${mount}${timelineRoute}?${parameters}`)
}

/** What the server answers as JSON; undefined where it has nothing to say. When the session has ended, it waits for the next sign-in. */
export async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  try {
    return await json<T>(url, init)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unauthenticated') throw error
    await nextSignIn()
    return ask(url, init)
  }
}

/** Of a request with a body. */
export const withBody = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

/** The most that one request may delete. */
const mostAtOnce = 100

/**
 * Deletes them. What is absent already counts as deleted.
 *
 * @returns until when all of them can be restored, or null where they can't; and why some are still there
 */
export async function removeMany(
  ids: readonly string[],
): Promise<{ until: string | null; failures: Map<string, string> }> {
  const failures = new Map<string, string>()
  const times: (string | null)[] = []
  for (let from = 0; from < ids.length; from += mostAtOnce) {
    const some = ids.slice(from, from + mostAtOnce)
    try {
      const { results } = await json<{ results: Removed[] }>(
        endpoint + routes.mediaDelete,
        withBody('POST', { ids: some }),
      )
      for (const { id, status, restorableUntil = null, detail, title } of results) {
        if (status < 300) times.push(restorableUntil)
        else if (status !== 404) failures.set(id, detail ?? title ?? `${status}`)
      }
    } catch (error) {
      for (const id of some) failures.set(id, (error as Error).message)
    }
  }
  const until = times.length === 0 || times.includes(null) ? null : (times as string[]).sort()[0]
  return { until: until ?? null, failures }
}

type Removed = { id: string; status: number; restorableUntil?: string } & Partial<
  Pick<Problem, 'detail' | 'title'>
>

/** URL of a variant with a disposition that makes browsers save it, also from another origin. */
export const downloadUrl = (id: string, variant = 'original'): string =>
  `${endpoint}${routes.mediaVariant(id, variant)}?download`

/** Milliseconds without an answer after which the server counts as unreachable. */
const longestWait = 30_000

/** A server without sessions (404, or a page instead of JSON) requires none. */
export async function getSession(): Promise<Session> {
  try {
    return await json<Session>(session)
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 200)) {
      return { signedIn: false, required: false }
    }
    throw error
  }
}

export async function signIn(credentials: Credentials): Promise<void> {
  await send(session, withBody('POST', credentials))
  sessionHasBegun()
}

/** For the other tabs. */
export const sessionHasBegun = () => otherTabs?.postMessage('begun')

/** Of what: this browser, all of this person's, or their programs as well. */
export type SignOutScope = 'here' | 'everywhere' | 'everywhere and programs'

export async function signOut(scope: SignOutScope): Promise<void> {
  const query = { here: '', everywhere: '?everywhere', 'everywhere and programs': '?everywhere&tokens' }
  await send(session + query[scope], { method: 'DELETE' })
  otherTabs?.postMessage('ended')
}

/** An answer as JSON; undefined where there is none. @throws {ApiError} */
export async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const { status, text } = await send(url, init)
  try {
    return status === 204 ? (undefined as T) : JSON.parse(text)
  } catch (cause) {
    throw new ApiError(status, 'The server gave an answer that isn’t understood.', { cause })
  }
}

async function send(url: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const controller = new AbortController()
  let response: Response
  let text: string
  try {
    const headers = { Accept: 'application/json', ...init.headers }
    const asked = fetch(url, { ...init, headers, signal: controller.signal })
    response = await inTime(asked, longestWait)
    text = await inTime(response.text(), longestWait)
  } catch (cause) {
    controller.abort()
    throw new ApiError(0, 'The server can’t be reached. Check the connection and try again.', { cause })
  }
  const { status } = response
  if (response.ok) return { status, text }
  const { detail, title, code } = problemOf(text)
  throw new ApiError(
    status,
    detail ??
      title ??
      `The server, or a proxy in front of it, has a problem (${status}). Try again in a while.`,
    { code },
  )
}

function problemOf(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
