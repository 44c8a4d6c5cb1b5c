import { readFile } from 'node:fs/promises'
import { type HttpBindings, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { createTintype } from 'tintype'

const secret = process.env.SECRET ?? 'change me'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data. Hono tells the owner of each request
// below, so that authenticate is asked of no other.
const tintype = await createTintype({ authenticate: () => null })

const app = new Hono<{ Bindings: HttpBindings; Variables: { user: string | null } }>()
app.use(async (c, next) => {
  c.set('user', (await getSignedCookie(c, secret, 'user')) || null)
  await next()
})

// Your own way to sign in. A real one asks for more than a name.
app.post('/login', async (c) => {
  const { user } = await c.req.parseBody<{ user: string }>()
  await setSignedCookie(c, 'user', user, secret, { httpOnly: true, sameSite: 'Lax' })
  return c.redirect('/', 303)
})

// The whole HTTP API: POST /api/media, GET /api/media, DELETE /api/media/:id, ... It reads the body itself: no bodyLimit, and
// nothing that calls parseBody(), before it.
app.all('/api/*', (c) => {
  return tintype.fetch(c.req.raw, { mount: '/api', owner: c.get('user'), incoming: c.env.incoming })
})

const page = await readFile(new URL('../page.html', import.meta.url), 'utf8')
app.get('/', (c) => c.html(page))

export const server = serve({
  fetch: app.fetch,
  port: Number(process.env.PORT ?? 4000),
  hostname: '127.0.0.1',
})

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
