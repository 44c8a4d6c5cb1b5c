import createFastify from 'fastify'
import { openTintype } from './app.mjs'

const tintype = await openTintype()
const fastify = createFastify()

// The body is ours to read.
fastify.removeAllContentTypeParsers()
fastify.addContentTypeParser('*', (_req, _body, done) => done(null))
fastify.all('/api/*', (req, reply) => {
  reply.hijack()
  tintype.node(req.raw, reply.raw, { mount: '/api' })
})

const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening on ${address}`)
