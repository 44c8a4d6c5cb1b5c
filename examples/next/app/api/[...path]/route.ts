import { tintype } from '../../../lib/tintype.ts'

// The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ...
const handler = async (request: Request): Promise<Response> =>
  (await tintype()).fetch(request, { mount: '/api' })

export const GET = handler
export const HEAD = handler
export const POST = handler
export const PUT = handler
export const PATCH = handler
export const DELETE = handler
export const OPTIONS = handler
