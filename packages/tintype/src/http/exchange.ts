import type { ErrorCode } from '@tintype/protocol'
import type { Incoming } from '../memory/body.ts'

/** One request to the API, as every door hands it over. Over `node:http` it costs an object: nothing is read or copied. */
export interface ApiRequest extends Incoming {
  readonly method: string
  /** Below the mount, percent-encoded as it was sent, without the query. */
  readonly path: string
  /** As it was sent, without its question mark. */
  readonly query: string
  /** Where the API is mounted, e.g. `/api`; empty at the root. */
  readonly mount: string
  /** Whether that is where the API usually is: see the option of the doors. */
  readonly isUsualMount: boolean
  /** Names and values in turns, as they came; empty where the door is not told. */
  readonly rawHeaders: readonly string[]
  /** Whether there is a body, as far as its headers say. */
  readonly hasBody: boolean
  /** Whether it came by https, as far as the door knows. */
  readonly isEncrypted: boolean
  /** Empty once the connection has ended; undefined where the door is not told. */
  readonly remoteAddress: string | undefined
  /** Of the client behind the proxies that the app trusts, as its framework says: what is counted, and decides nothing. */
  readonly clientAddress: string | undefined
  /** Whether its server takes no new connections, as far as the door knows: what would go on for ever ends. */
  readonly isServerClosing: boolean
  /** What a body parser of the app has made of the body. */
  readonly parsed: unknown
  /** The request as its framework has it: for `authenticate`. */
  readonly original: object
  /** The owner as given to the door: null is nobody, undefined leaves it to `authenticate`. */
  readonly owner: string | null | undefined
  /**
   * Sends an interim answer (RFC 9110 section 15.2) where the connection can carry one: HTTP/1.0 has none, and a proxy that
   * speaks it would take this for the answer itself.
   *
   * @returns whether it was sent
   */
  inform(status: number, headers: Headers): boolean
  /** Calls back once, when the answer has been sent whole, or the connection has ended before. */
  whenOver(callback: (isWhole: boolean) => void): void
}

export type Headers = Record<string, string>

export interface Answer {
  status: number
  headers: Headers
  /** What is given as a string or bytes is sent with its length; a stream as it comes. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Set for a refusal. The request's body may not have been read then. */
  problem?: ErrorCode
  /** Path and query for the embedded S3: it answers in our place, with these headers beside its own. */
  storage?: string
}

/** The answer with these headers beside its own, which win. It varies by what either of them says. */
export function withHeaders(answer: Answer, headers: Headers): Answer {
  const both = { ...headers, ...answer.headers }
  if (headers.Vary !== undefined && answer.headers.Vary !== undefined) {
    both.Vary = `${headers.Vary}, ${answer.headers.Vary}`
  }
  return { ...answer, headers: both }
}

export function emptyAnswer(status: number, headers: Headers = {}): Answer {
  return { status, headers }
}

/** @param status 303 after a form was sent, 302 to a URL that is good for now */
export function redirect(status: 302 | 303, location: string): Answer {
  return { status, headers: { Location: location, 'Content-Length': '0' } }
}

/** For answers to a POST: without an ETag, by which nobody asks. */
export function jsonAnswer(value: unknown, status = 200, headers: Headers = {}): Answer {
  const type = { 'Content-Type': 'application/json; charset=utf-8' }
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value) }
}
