import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeDoor } from './node.ts'
import type { AppRequest } from './node-request.ts'

/**
 * Middleware of Express 4 and 5, of Connect and of what is like them, described without their types, so that they are needed
 * only where they are used. It answers errors itself, unless it was told to give them to `next`.
 */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: Error) => void) => void

/**
 * The API as middleware: `app.use('/api', router)`. It answers all that comes below its mount, so it never calls `next`.
 * Where it is mounted, and whether the app was reached by https, is told by Express.
 */
export function createExpressDoor(node: NodeDoor): Middleware {
  return (req: AppRequest, res) => node(req, res, undefined, req.baseUrl)
}
