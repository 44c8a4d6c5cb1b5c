import { networkError } from './errors.ts'

export interface FormRequest {
  url: string
  headers: Record<string, string>
  body: FormData
  signal?: AbortSignal | undefined
  /** Bytes of the body that went out, of how many in all; the framing of the form is counted in. */
  onProgress?: ((sent: number, total: number) => void) | undefined
}

export interface Answer {
  status: number
  /** The parsed JSON, or null where the answer was none. */
  body: unknown
  retryAfter: string | null
}

/**
 * Posts a form. Rejects with the signal's reason on abort and with a `network` UploadError where no
 * answer came; any status is an answer.
 */
export type Transport = (request: FormRequest) => Promise<Answer>

/** What this runtime offers: XMLHttpRequest in browsers, because fetch cannot report upload progress. */
export const sendForm: Transport = (request) =>
  typeof XMLHttpRequest === 'undefined' ? sendByFetch(request) : sendByXhr(request)

/** Without a byte moving for this long a connection counts as lost. */
const stallTimeout = 90_000

const sendByXhr: Transport = ({ url, headers, body, signal, onProgress }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const xhr = new XMLHttpRequest()
    let stall: ReturnType<typeof setTimeout>
    const watch = () => {
      clearTimeout(stall)
      stall = setTimeout(
        () => finish(() => reject(networkError(new Error(`no byte in ${stallTimeout} ms`)))),
        stallTimeout,
      )
    }
    const finish = (settle: () => void) => {
      clearTimeout(stall)
      signal?.removeEventListener('abort', abort)
      settle()
      xhr.abort()
    }
    const abort = () => finish(() => reject(signal?.reason))
    signal?.addEventListener('abort', abort, { once: true })

    xhr.upload.onprogress = (event) => {
      watch()
      if (event.lengthComputable) onProgress?.(event.loaded, event.total)
    }
    xhr.onprogress = watch
    xhr.onerror = () => finish(() => reject(networkError()))
    xhr.onload = () =>
      finish(() =>
        resolve({
          status: xhr.status,
          body: parseJson(xhr.responseText),
          retryAfter: xhr.getResponseHeader('retry-after'),
        }),
      )
    xhr.open('POST', url)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    watch()
    xhr.send(body)
  })

/** For Node, and workers without XMLHttpRequest: knows the beginning and the end, nothing between. */
const sendByFetch: Transport = async ({ url, headers, body, signal }) => {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: signal ?? null })
    return {
      status: response.status,
      body: parseJson(await response.text()),
      retryAfter: response.headers.get('retry-after'),
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw networkError(error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
