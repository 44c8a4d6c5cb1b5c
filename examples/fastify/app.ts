import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify, { type FastifyRequest } from 'fastify'
import { createTintype, type Media } from 'tintype'

declare module 'fastify' {
  interface Session {
    user?: string
  }
}

/** Node's request: with the user, whom a hook below puts there, and with what `tintype.upload()` leaves. */
type RawRequest = IncomingMessage & { user?: string | undefined; body?: { text?: string }; media?: Media[] }

// No bucket, no database: an S3 server inside this process and SQLite, below ./data.
const tintype = await createTintype({ authenticate: (req: RawRequest) => req.user })

const app = Fastify()
app.register(cookie)
app.register(session, {
  secret: process.env.SECRET ?? 'change me, I have 32 characters.',
  cookie: { secure: 'auto' },
  saveUninitialized: false,
})
app.addHook('onRequest', async ({ raw, session }) => {
  Object.assign(raw, { user: session.user })
})

// Forms, which Fastify by itself does not parse.
app.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
)

// Your own way to sign in. A real one asks for more than a name.
app.post<{ Body: { user: string } }>('/login', async (request, reply) => {
  request.session.user = request.body.user
  return reply.redirect('/', 303)
})

// Routes that Tintype reads. Fastify would read their bodies before any handler, refuse other types than JSON and text, and
// all above its bodyLimit of 1 MiB: here it leaves them alone.
app.register(async (uploads) => {
  uploads.removeAllContentTypeParsers()
  uploads.addContentTypeParser('*', (_request, _body, done) => done(null))

  // The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ...
  uploads.all('/api/*', (request, reply) => {
    reply.hijack()
    tintype.node(request.raw, reply.raw, { mount: '/api' })
  })

  // Your own route with photos in it.
  const photos = tintype.upload('photo')
  uploads.post(
    '/posts',
    { preHandler: (request, reply, done) => photos(request.raw, reply.raw, done) },
    async ({ raw }: { raw: RawRequest }, reply) =>
      reply.code(201).send({ text: raw.body?.text, photos: raw.media }),
  )
})

const page = await readFile(new URL('../page.html', import.meta.url))
app.get('/', async (_request, reply) => reply.type('text/html').send(page))

await app.listen({ port: Number(process.env.PORT ?? 4000), host: '127.0.0.1' })
export const { server } = app

/** Lets uploads under way finish. */
export async function close() {
  await Promise.all([app.close(), tintype.close()])
}
process.once('SIGTERM', close)
