import type { IncomingHttpHeaders } from 'node:http'
import type { ApiRequest } from '../http/exchange.ts'
import { wasRead } from '../memory/body.ts'
import { clientGone } from '../memory/client-signal.ts'
import { type DoorOptions, ownerGiven } from './door.ts'
import { findMount } from './mount.ts'
import { WebBody } from './web-body.ts'

/** A request of the Fetch API (https://fetch.spec.whatwg.org/#request-class) as our API sees it. */
export class WebRequest implements ApiRequest {
  readonly original: Request
  readonly method: string
  readonly path: string
  readonly query: string
  readonly mount: string
  readonly headers: IncomingHttpHeaders
  readonly isEncrypted: boolean
  readonly remoteAddress: string | undefined
  readonly owner: string | null | undefined
  /** Two headers of one name have been joined before they came here. */
  readonly rawHeaders: readonly string[] = []
  /** What others have made of the body stays with them. */
  readonly parsed: unknown = undefined
  readonly #listeners: ((isWhole: boolean) => void)[] = []
  #body: WebBody | undefined
  #gone: AbortController | undefined

  constructor(request: Request, options: DoorOptions = {}) {
    const url = new URL(request.url)
    const { mount, path } = findMount(url.pathname, options.mount)
    this.original = request
    this.method = request.method
    this.mount = mount
    this.path = path
    this.query = url.search.slice(1)
    this.headers = { host: url.host, ...Object.fromEntries(request.headers) }
    this.isEncrypted = url.protocol === 'https:'
    this.remoteAddress = options.remoteAddress
    this.owner = ownerGiven(options)
  }

  /** A server may give a stream to each POST, and tell by the headers alone that it is empty. */
  get hasBody(): boolean {
    const { 'content-length': length, 'transfer-encoding': coding, 'content-type': type } = this.headers
    if (this.original.body === null) return false
    return length === undefined ? (coding ?? type) !== undefined : Number(length) > 0
  }

  get body(): WebBody {
    if (!this.#body) {
      this.#body = new WebBody(this.original)
      this.#watch()
    }
    return this.#body
  }

  get wasRead(): boolean {
    return this.body.wasTaken || wasRead(this.body)
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

  whenOver(callback: (isWhole: boolean) => void): void {
    this.#listeners.push(callback)
  }

  end(isWhole: boolean): void {
    for (const listener of this.#listeners.splice(0)) listener(isWhole)
  }
}
