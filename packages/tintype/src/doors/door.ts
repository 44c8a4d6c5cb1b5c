import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { wrongKind } from '../settings/shown.ts'

/** What an app knows of one request. */
export interface DoorOptions {
  /**
   * The path of this URL below which the API is mounted, e.g. `/api`.
   * @default what the framework says, else what stands before the first path that the API knows
   */
  mount?: string | undefined
  /**
   * Whether the addresses that are made without a request, in events and by `tintype.media`, lead below this mount, where it is the first
   * that is asked for. False for one beside the usual one, for some of its requests.
   * @default true
   */
  isUsual?: boolean | undefined
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

const kinds = {
  mount: { right: 'the path that the API is mounted at, such as /api', is: isText },
  isUsual: { right: 'true or false', is: (value: unknown) => typeof value === 'boolean' },
  owner: {
    right: 'the id of an owner, or null for nobody',
    is: (value: unknown) => value === null || isText(value),
  },
  remoteAddress: { right: 'the address of the client', is: isText },
  incoming: {
    right: "Node's own request",
    is: (value: unknown) => typeof value === 'object' && value !== null,
  },
} satisfies Record<keyof DoorOptions, { right: string; is(value: unknown): boolean }>

/**
 * The options of one request, checked before anything is done with it: what is wrong in them is wrong in the app's code. Names
 * that are not known are let be, since frameworks hand on a context of their own, and Connect its `next`.
 *
 * @throws {ConfigError}
 */
export function checkDoorOptions(given: DoorOptions | undefined): DoorOptions {
  if (typeof given !== 'object' || given === null) return {}
  for (const [name, { right, is }] of Object.entries(kinds)) {
    const value = given[name as keyof DoorOptions]
    if (value !== undefined && !is(value)) throw wrongKind(name, value, right)
  }
  return given
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** undefined only if no owner was given: one that turned out to be undefined must be refused. */
export function ownerGiven(options: DoorOptions): string | null | undefined {
  if (!Object.hasOwn(options, 'owner')) return undefined
  return options.owner ?? null
}
