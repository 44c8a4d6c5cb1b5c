import { createServer } from 'node:http'
import express from 'express'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const tintype = await openTintype()
const app = express()

app.use('/api', tintype.router)

listen(createServer(app))
