import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const tintype = await openTintype()
const app = new Hono()

app.all('/api/*', (c) => tintype.fetch(c.req.raw, { mount: '/api', incoming: c.env.incoming }))

listen(createServer(getRequestListener(app.fetch)))
