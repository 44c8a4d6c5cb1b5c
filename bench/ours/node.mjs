import { createServer } from 'node:http'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const tintype = await openTintype()

listen(createServer((req, res) => tintype.node(req, res)))
