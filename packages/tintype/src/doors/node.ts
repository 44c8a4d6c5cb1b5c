import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Api } from '../http/api.ts'
import type { DoorOptions } from './door.ts'
import { sendAnswer, setHeaders } from './node-answer.ts'
import { NodeRequest } from './node-request.ts'

/**
 * The API as a handler of `node:http`, for whatever hands on Node's own request and response: `http.createServer`,
 * Fastify, Koa. Answers everything, errors too.
 */
export type NodeDoor = (
  req: IncomingMessage,
  res: ServerResponse,
  options?: DoorOptions,
  /** The path that a framework has taken off the URL, where it says so. */
  taken?: string,
) => void

export interface NodeDoorOptions {
  api: Api
  /** The embedded S3, where there is one, given path and query as they were signed. */
  storage: ((req: IncomingMessage, res: ServerResponse, target: string) => void) | undefined
  clock: Clock
}

export function createNodeDoor({ api, storage, clock }: NodeDoorOptions): NodeDoor {
  return async (req, res, options, taken) => {
    const answer = await api(new NodeRequest(req, res, options, taken))
    if (answer.storage === undefined || !storage) return sendAnswer(req, res, answer, clock)
    setHeaders(res, answer.headers)
    storage(req, res, answer.storage)
  }
}
