import type { Server } from '../framework.ts'
import { asWritten, type Style, typed } from './style.ts'

/** What an app's code reads its environment by. It is the app that does, not this package. */
const env = ['process', 'env'].join('.')

/** The options that an app begins with. `who` is the line that says whose a request is. */
export function options(who: string): string {
  return `{
${who}
  ...(S3_BUCKET && { bucket: S3_BUCKET }),
  ...(DATABASE_URL && { database: DATABASE_URL }),
  publicUrl: PUBLIC_URL || undefined,
}`
}

export const environment = `// Without S3_BUCKET and DATABASE_URL, photos and rows are kept below ./data. See .env.example.
const { S3_BUCKET, DATABASE_URL, PUBLIC_URL } = ${env}
`

const users: Record<Server, string> = {
  express: '(req) => req.session.user?.id ?? null',
  fastify: '(req) => userIdOf(req) ?? null, with the request of Node',
  hono: '(request) => userIdOf(request) ?? null, with the Web Request',
}

/** `tintype.js`: the library, and the routes as this framework adds them. */
export function tintypeFile(framework: Server, style: Style): string {
  const { imports, routes } = parts[framework](style)
  const thisMachine = `  // Requests from this machine alone, as one owner. For users: ${users[framework]}
  authenticate: 'this-machine',`
  const made = `createTintype(${options(thisMachine)})`
  const code = `${[...imports, `import { createTintype } from 'tintype'`].join('\n')}

${environment}export const tintype = ${style.awaits ? 'await ' : ''}${made}

/** The API below ${style.mount}${style.plainPage ? `, and a page with a form at ${style.page}` : ''}. */
${routes}`
  return asWritten(code, style)
}

interface Parts {
  imports: string[]
  routes: string
}

const parts: Record<Server, (style: Style) => Parts> = {
  express(style) {
    const api = style.awaits
      ? 'tintype.router'
      : `(req, res, next) => {
  tintype.then(({ router }) => router(req, res, next), next)
}`
    const page = `photos.get('${style.page}', (_req, res) => res.sendFile('photos.html', { root: 'public' }))\n`
    return {
      imports: [`import { Router } from 'express'`],
      routes: `export const photos${typed(style, ': Router')} = Router()
photos.use('${style.mount}', ${api})
${style.plainPage ? page : ''}`,
    }
  },

  fastify(style) {
    const page = `  app.get('${style.page}', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(createReadStream('public/photos.html')),
  )
`
    return {
      imports: [
        ...(style.plainPage ? [`import { createReadStream } from 'node:fs'`] : []),
        ...(style.typescript ? [`import type { FastifyInstance } from 'fastify'`] : []),
      ],
      routes: `export async function photos(app${typed(style, ': FastifyInstance')}) {
  const { node } = ${style.awaits ? '' : 'await '}tintype
  app.removeAllContentTypeParsers() // Fastify would read bodies before the handler
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.all('${style.mount}/*', (request, reply) => {
    reply.hijack()
    node(request.raw, reply.raw)
  })
${style.plainPage ? page : ''}}
`,
    }
  },

  hono(style) {
    const page = `photos.get('${style.page}', async (c) => c.html(await readFile('public/photos.html', 'utf8')))\n`
    const fetch = `tintype.fetch(c.req.raw, { incoming: c.env.incoming })`
    const api = style.awaits ? `(c) => ${fetch}` : `async (c) => (await ${fetch.replace('.', ').')}`
    return {
      imports: [
        ...(style.plainPage ? [`import { readFile } from 'node:fs/promises'`] : []),
        ...(style.typescript ? [`import type { HttpBindings } from '@hono/node-server'`] : []),
        `import { Hono } from 'hono'`,
      ],
      routes: `export const photos = new Hono${typed(style, '<{ Bindings: HttpBindings }>')}()
photos.all('${style.mount}/*', ${api})
${style.plainPage ? page : ''}`,
    }
  },
}

/** What brings the routes into the file that makes the app. */
export function asWrittenImport(specifier: string, style: Style): string {
  return asWritten(`import { photos } from '${specifier}'`, style)
}

/** What adds the routes to an app. */
export const addingLine: Record<Server, (app: string) => string> = {
  express: (app) => `${app}.use(photos)`,
  fastify: (app) => `${app}.register(photos)`,
  hono: (app) => `${app}.route('/', photos)`,
}

/** An app where there is none: it listens for this machine alone. */
export function entryFile(framework: Server, specifier: string, style: Style): string {
  const { page, plainPage, mount } = style
  const told = `console.log(\`http://localhost:\${port}${plainPage ? page : `${mount}/media`}\`)`
  const body: Record<Server, string> = {
    express: `import express from 'express'
import { photos } from '${specifier}'

const app = express()
app.use(photos)

const port = Number(${env}.PORT || 3000)
app.listen(port, '127.0.0.1', () => ${told})
`,
    fastify: `import Fastify from 'fastify'
import { photos } from '${specifier}'

const app = Fastify()
app.register(photos)

const port = Number(${env}.PORT || 3000)
app.listen({ port, host: '127.0.0.1' }, (error) => {
  if (error) throw error
  ${told}
})
`,
    hono: `import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { photos } from '${specifier}'

const app = new Hono()
app.route('/', photos)

const port = Number(${env}.PORT || 3000)
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => ${told})
`,
  }
  return asWritten(body[framework], style)
}
