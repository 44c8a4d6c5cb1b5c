import { networkError } from './errors.ts'
import { follow, onAbort } from './older-browsers.ts'
import { slowestByte, stallTimeout } from './time-limit.ts'

/** What goes along to another origin: nothing, or cookies. */
export type Credentials = 'same-origin' | 'include'

/**
 * Headers of the app's own, such as a token. A function is asked before each request, so that a token that is renewed is
 * sent from then on; what it throws counts as a lost connection, and is tried again.
 */
export type RequestHeaders =
  | Record<string, string>
  | (() => Record<string, string> | Promise<Record<string, string>>)
type AppHeaders = Record<string, string>

export interface Outgoing {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers?: Record<string, string> | undefined
  /** The app's own. Those of `headers` win. */
  own?: RequestHeaders | undefined
  /** As in fetch: `include` sends cookies to another origin, too. @default 'same-origin' */
  credentials?: Credentials | undefined
  body?: FormData | Blob | string | undefined
  signal?: AbortSignal | undefined
  /** Bytes of the body that were sent, and in all, the framing of a form included. */
  onProgress?: ((sent: number, total: number) => void) | undefined
}

export interface Answer {
  status: number
  text: string
  header(name: string): string | null
}

/**
 * Sends one request. Rejects with the signal's reason on abort, and with a `network` UploadError when no answer came.
 * Any status is an answer.
 */
export type Transport = (request: Outgoing) => Promise<Answer>

/** What this runtime offers: XMLHttpRequest in browsers, because fetch cannot report upload progress. */
export const send: Transport = async (request) => {
  const whole = { ...request, headers: await headersOf(request) }
  return typeof XMLHttpRequest === 'undefined' ? sendByFetch(whole) : sendByXhr(whole)
}

/** All headers of a request, the app's own among them. @throws {UploadError} `network` where they can't be had */
export async function headersOf({ headers, own }: Pick<Outgoing, 'headers' | 'own'>): Promise<AppHeaders> {
  try {
    return { ...(typeof own === 'function' ? await own() : own), ...headers }
  } catch (error) {
    throw networkError(error)
  }
}

const sendByXhr: Transport = ({ method, url, headers = {}, credentials, body, signal, onProgress }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const xhr = new XMLHttpRequest()
    let stall: ReturnType<typeof setTimeout>
    const watch = () => {
      clearTimeout(stall)
      stall = setTimeout(() => finish(() => reject(stalled(stallTimeout))), stallTimeout)
    }
    const finish = (settle: () => void) => {
      clearTimeout(stall)
      unlisten()
      settle()
      xhr.abort()
    }
    const unlisten = onAbort(signal, () => finish(() => reject(signal?.reason)))

    // A listener makes a cross-origin request need a preflight: none is added unless progress is wanted.
    if (body !== undefined) {
      xhr.upload.onprogress = (event) => {
        watch()
        if (event.lengthComputable) onProgress?.(event.loaded, event.total)
      }
    }
    xhr.onprogress = watch
    xhr.onerror = () => finish(() => reject(networkError()))
    xhr.onload = () => {
      const { status, responseText: text } = xhr
      // One that the page may not read is not asked for by its name: browsers would complain on the console.
      const all = xhr.getAllResponseHeaders()
      const header = (name: string) => new RegExp(`^${name}: (.*)`, 'im').exec(all)?.[1] ?? null
      finish(() => resolve({ status, text, header }))
    }
    xhr.open(method, url)
    xhr.withCredentials = credentials === 'include'
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    watch()
    xhr.send(body)
  })

/** For Node, and workers without XMLHttpRequest: reports the start and the end, nothing between. */
const sendByFetch: Transport = async (request) => {
  const { url, body, signal } = request
  const limit = stallTimeout + (body instanceof Blob ? body.size * slowestByte : 0)
  const controller = new AbortController()
  const unfollow = follow(controller, signal)
  let late = false
  const timeout = setTimeout(() => {
    late = true
    controller.abort()
  }, limit)
  try {
    // What fetch doesn't know of a request, it passes over.
    const init = { ...request, body: body ?? null, signal: controller.signal } as RequestInit
    const response = await fetch(url, init)
    const text = await response.text()
    return { status: response.status, text, header: (name) => response.headers.get(name) }
  } catch (error) {
    signal?.throwIfAborted()
    throw late ? stalled(limit) : networkError(error)
  } finally {
    clearTimeout(timeout)
    unfollow()
  }
}

const stalled = (ms: number) => networkError(new Error(`no byte in ${ms} ms`))

/** The code in an error document of S3. */
export const codeOf = ({ text }: Answer) => /<Code>(\w+)<\/Code>/.exec(text)?.[1]
