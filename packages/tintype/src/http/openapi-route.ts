import { openApiDocument } from '@tintype/protocol/openapi'
import { textAnswer } from './conditional.ts'
import type { Handler, Route } from './routes.ts'

/** `/openapi.json`: what is served here, for generators of clients. It says nothing of anybody, so anybody may ask. */
export function openApiRoute(others: readonly Route[]): Route {
  const show: Handler = (request, { address }) => {
    const document = openApiDocument({ routes, server: address.router || '/' })
    return textAnswer(request, JSON.stringify(document), {
      'Content-Type': 'application/json; charset=utf-8',
    })
  }
  const own: Route = { path: '/openapi.json', methods: { GET: show } }
  const routes = [...others, own].map(({ path, methods }) => ({
    path,
    methods: Object.keys(methods).filter((method) => method !== 'OPTIONS'),
  }))
  return own
}
