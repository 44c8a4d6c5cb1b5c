import { once } from 'node:events'
import { type IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { nodeDoor, type SiteDoor } from '../../packages/server/src/site/door.ts'
import type { Tintype } from '../../packages/tintype/src/tintype.ts'

/** By which door the contract tests of this process reach the API: set before their files are loaded. */
export const door: { name: 'node' | 'web' | 'hono' } = { name: 'node' }

/** `node:http` as Hono makes Web requests of it, with the classes of the platform. */
const webDoor: SiteDoor = {
  open: (tintype) => (req, res, mount) => {
    const { remoteAddress } = req.socket
    // As Node does by itself where nobody listens for it.
    if (req.headers.expect !== undefined) res.writeContinue()
    // `hono`: the app passes on what Hono tells in `c.env`.
    const told = door.name === 'hono' ? { incoming: req } : { remoteAddress }
    const fetch = (request: Request) => tintype.fetch(request, { mount, ...told })
    void getRequestListener(fetch, { overrideGlobalObjects: false })(req, res)
  },
  senderOf(request) {
    const { headers } = request as Request
    return { headers: Object.fromEntries(headers), remoteAddress: '127.0.0.1' }
  },
}

export function siteDoor(): SiteDoor {
  return door.name === 'node' ? nodeDoor : webDoor
}

/** For Express, in the place of `tintype.router`. */
export function routerOf(tintype: Tintype): Tintype['router'] {
  if (door.name === 'node') return tintype.router
  const answer = webDoor.open(tintype)
  return (req, res) => answer(req, res, (req as { baseUrl?: string }).baseUrl ?? '')
}

/** A header of what `authenticate` is given, by whichever door. */
export function headerOf(request: object, name: string): string | undefined {
  const { headers } = request as { headers: IncomingHttpHeaders | Headers }
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Resolves when the client that has sent this has gone, as the app learns it from the request that `authenticate` gets. */
export function whenGone(request: IncomingMessage | Request): Promise<unknown> {
  if (!(request instanceof IncomingMessage)) return once(request.signal, 'abort')
  // Not by `once()`, which fails where the parser reports the cut request before the connection is closed.
  return new Promise((resolve) => request.socket.once('close', resolve))
}

/** What a server that makes Web requests of connections keeps to itself, or says itself. */
const reasons = {
  connection: 'whether the connection stays open is said by the server that makes Web requests',
  interim: 'the Fetch API knows no interim answers',
  continue: 'the server that makes Web requests asks for the body before it hands them on',
}

/** Why a case can't hold behind the Web door; false where it has to: for `test(name, { skip })`. */
export function notByWeb(why: keyof typeof reasons): string | false {
  return door.name !== 'node' && reasons[why]
}
