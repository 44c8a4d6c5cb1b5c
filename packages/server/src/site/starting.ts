import type { IncomingMessage, ServerResponse } from 'node:http'
import { TintypeError } from 'tintype/internal/errors'
import { problemOf } from 'tintype/internal/http/problem'
import { requestIdOf } from 'tintype/internal/http/request-id'

/** Answers every request from when the port is open until bucket and database are. */
export function answerWhileStarting(req: IncomingMessage, res: ServerResponse): void {
  const requestId = requestIdOf(req)
  const problem = problemOf(new TintypeError('overloaded', 'The server is starting. Try again in a second.'))
  res.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '1',
    'X-Request-Id': requestId,
  })
  res.end(JSON.stringify({ ...problem, requestId }))
}
