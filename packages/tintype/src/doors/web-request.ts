import { type IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { ApiRequest } from '../http/exchange.ts'
import { wasRead } from '../memory/body.ts'
import { clientGone } from '../memory/client-signal.ts'
import { type DoorOptions, ownerGiven } from './door.ts'
import { findMount } from './mount.ts'
import { hasBody } from './unread.ts'
import { WebBody } from './web-body.ts'

/** A request of the Fetch API (https://fetch.spec.whatwg.org/#request-class) as our API sees it. */
export class WebRequest implements ApiRequest {
  readonly original: Request
  readonly method: string
  readonly path: string
  readonly query: string
  readonly mount: string
  readonly isUsualMount: boolean
  readonly headers: IncomingHttpHeaders
  readonly isEncrypted: boolean
  readonly remoteAddress: string | undefined
  readonly clientAddress: string | undefined
  readonly owner: string | null | undefined
  /** Without Node's request none: two headers of one name have been joined before they came here. */
  readonly rawHeaders: readonly string[]
  /** What others have made of the body stays with them. */
  readonly parsed: unknown = undefined
  /** It is not told. */
  readonly isServerClosing = false
  readonly #listeners: ((isWhole: boolean) => void)[] = []
  /** Node's request, where its body is there to be read. */
  readonly #node: IncomingMessage | undefined
  #body: Readable | undefined
  #gone: AbortController | undefined

  constructor(request: Request, options: DoorOptions = {}) {
    const url = new URL(request.url)
    const { mount, path } = findMount(url.pathname, options.mount)
    this.original = request
    this.method = request.method
    this.mount = mount
    this.isUsualMount = options.isUsual ?? true
    this.path = path
    this.query = url.search.slice(1)
    const node = unread(options.incoming)
    this.#node = node
    this.rawHeaders = node?.rawHeaders ?? []
    this.headers = node?.headers.host
      ? node.headers
      : { host: url.host, ...Object.fromEntries(request.headers) }
    this.isEncrypted = url.protocol === 'https:'
    this.remoteAddress = options.remoteAddress ?? options.incoming?.socket.remoteAddress
    this.clientAddress = this.remoteAddress
    this.owner = ownerGiven(options)
  }

  /** A server may give a stream to each POST, and tell by the headers alone that it is empty. */
  get hasBody(): boolean {
    if (this.#node) return hasBody(this.#node)
    const { 'content-length': length, 'transfer-encoding': coding, 'content-type': type } = this.headers
    if (this.original.body === null) return false
    return length === undefined ? (coding ?? type) !== undefined : Number(length) > 0
  }

  get body(): Readable {
    if (!this.#body) {
      this.#body = this.#node ?? new WebBody(this.original)
      this.#watch()
    }
    return this.#body
  }

  get wasRead(): boolean {
    const { body } = this
    return body instanceof WebBody ? body.wasTaken || wasRead(body) : this.original.bodyUsed || wasRead(body)
  }

  get signal(): AbortSignal {
    if (!this.#gone) {
      this.#gone = new AbortController()
      this.#watch()
    }
    return this.#gone.signal
  }

  #watch(): void {
    const { signal } = this.original
    if (signal.aborted) this.leave()
    else signal.addEventListener('abort', this.leave, { once: true })
  }

  /** The client has gone away: nothing more of its body comes. */
  readonly leave = (): void => {
    this.#gone?.abort(clientGone())
    this.#body?.destroy()
  }

  /** The server does that when the body is read, or before. */
  accept(): void {}

  /** The Fetch API knows none. */
  inform(): boolean {
    return false
  }

  whenOver(callback: (isWhole: boolean) => void): void {
    this.#listeners.push(callback)
  }

  end(isWhole: boolean): void {
    for (const listener of this.#listeners.splice(0)) listener(isWhole)
  }
}

/** Given if it is there for us alone: reading the Web request would have made a listener. HTTP/2 has other requests. */
function unread(incoming: DoorOptions['incoming']): IncomingMessage | undefined {
  if (!(incoming instanceof IncomingMessage)) return undefined
  return incoming.listenerCount('data') + incoming.listenerCount('readable') === 0 ? incoming : undefined
}
