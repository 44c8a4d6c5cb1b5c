import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createAttached } from '../attached.ts'
import type { ApiRequest, Headers } from '../http/exchange.ts'
import { wasRead } from '../memory/body.ts'
import { clientSignal } from '../memory/client-signal.ts'
import { type DoorOptions, ownerGiven } from './door.ts'
import { findMount } from './mount.ts'
import { closeWithConnection } from './queued-answer.ts'
import { hasBody } from './unread.ts'

/** What Express, Connect and body parsers add to Node's request, where one of them has seen it. */
export type AppRequest = IncomingMessage & {
  /** The path that Express has taken off. */
  baseUrl?: string
  /** As it was sent. */
  originalUrl?: string
  /** By Express, which knows the app's `trust proxy`. */
  protocol?: string
  /** The client's address, by Express likewise. */
  ip?: string | undefined
  body?: unknown
  /** What `tintype.upload()` has made. */
  media?: unknown
}

/** A request of `node:http` as the API sees it: nothing is read, copied or wrapped. */
export class NodeRequest implements ApiRequest {
  readonly body: AppRequest
  readonly path: string
  readonly query: string
  readonly mount: string
  readonly isUsualMount: boolean
  readonly owner: string | null | undefined
  readonly #res: ServerResponse | undefined

  /** @param taken the path that a framework has taken off the URL */
  constructor(
    req: AppRequest,
    res: ServerResponse | undefined,
    options: DoorOptions = {},
    taken = takenOff(req),
  ) {
    const { path, query } = split(req.url)
    const at = taken === undefined ? findMount(path, options.mount) : { mount: taken, path }
    this.body = req
    this.#res = res
    this.path = at.path
    this.query = query
    this.mount = at.mount
    this.isUsualMount = options.isUsual ?? true
    this.owner = ownerGiven(options)
    if (res?.socket === null) closeWithConnection(req, res)
  }

  get method(): string {
    return this.body.method ?? 'GET'
  }
  get headers(): IncomingHttpHeaders {
    return this.body.headers
  }
  get rawHeaders(): string[] {
    return this.body.rawHeaders
  }
  get hasBody(): boolean {
    return hasBody(this.body)
  }
  get wasRead(): boolean {
    return wasRead(this.body)
  }
  get isEncrypted(): boolean {
    return (this.body.socket as TLSSocket).encrypted === true || this.body.protocol === 'https'
  }
  get remoteAddress(): string {
    return this.body.socket.remoteAddress ?? ''
  }
  get clientAddress(): string {
    return this.body.ip || this.remoteAddress
  }
  get isServerClosing(): boolean {
    const { server } = this.body.socket as Socket & { server?: Server }
    return server?.listening === false
  }
  get parsed(): unknown {
    return this.body.body
  }
  get original(): object {
    return this.body
  }
  get signal(): AbortSignal {
    return clientSignal(this.body, this.#res)
  }

  /** Once: where nobody listens for `checkContinue`, Node has done it already. */
  accept(): void {
    const res = this.#res
    if (!res || !/^100-continue$/i.test(this.headers.expect ?? '') || !this.#takesInterim) return
    if (!('_sent100' in res) || !res._sent100) res.writeContinue()
  }

  inform(status: number, headers: Headers): boolean {
    const res = this.#res
    // Node below 24 can't.
    const canInform = res && 'writeInformation' in res && typeof res.writeInformation === 'function'
    if (!canInform || res.headersSent || res.destroyed || !this.#takesInterim) return false
    res.writeInformation(status, headers)
    return true
  }

  /** HTTP/1.0 has no interim answers, and an `Expect` in it is to be ignored (RFC 9110 sections 10.1.1 and 15.2). */
  get #takesInterim(): boolean {
    const { httpVersionMajor: major, httpVersionMinor: minor } = this.body
    return major > 1 || (major === 1 && minor > 0)
  }

  whenOver(callback: (isWhole: boolean) => void): void {
    const res = this.#res
    if (res) waiting.of(res, () => waitFor(res)).push(callback)
  }
}

type Waiting = ((isWhole: boolean) => void)[]

const waiting = createAttached<Waiting>('tintype waiting')

/** One listener for all of ours: Node warns of a leak where there are more than ten, and streams and middleware have theirs. */
function waitFor(res: ServerResponse): Waiting {
  const callbacks: Waiting = []
  res.once('close', () => {
    for (const callback of callbacks) callback(res.writableFinished)
  })
  return callbacks
}

/** Also takes off scheme and host, which may stand in a request line (RFC 9112 section 3.2.2). */
function split(url = '/'): { path: string; query: string } {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = target.indexOf('?')
  return mark === -1
    ? { path: target || '/', query: '' }
    : { path: target.slice(0, mark) || '/', query: target.slice(mark + 1) }
}

/** What Express and Connect have taken off a URL: all of it leaves a slash. */
function takenOff({ originalUrl, url = '/' }: AppRequest): string | undefined {
  if (originalUrl === undefined || originalUrl === url) return undefined
  const [path, below] = [split(originalUrl).path, split(url).path]
  if (path.endsWith(below)) return path.slice(0, -below.length)
  return below === '/' ? path : undefined
}
