import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

/** What an app knows of one request. */
export interface DoorOptions {
  /**
   * The path of this URL below which the API is mounted, e.g. `/api`.
   * @default what the framework says, else what stands before the first path that the API knows
   */
  mount?: string | undefined
  /** The owner, if the app knows it: `authenticate` is not called then. null is nobody (401). */
  owner?: string | null | undefined
  /** Where the connection comes from, for the Web door, which is not told: `authenticate: 'this-machine'` asks for it. */
  remoteAddress?: string | undefined
  /**
   * For the Web door: Node's request, of which the server has made the Web request, where it tells, as Hono's does. The body
   * is then read off the connection, without the Web stream around it, for half of the CPU. Only for the request as
   * the server has made it: one that the app has made of it may have another body.
   * @example app.all('/api/*', (c) => tintype.fetch(c.req.raw, { incoming: c.env.incoming }))
   */
  incoming?: IncomingMessage | Http2ServerRequest | undefined
}

/** undefined only if no owner was given: one that turned out to be undefined must be refused. */
export function ownerGiven(options: DoorOptions): string | null | undefined {
  if (!Object.hasOwn(options, 'owner')) return undefined
  return options.owner ?? null
}
