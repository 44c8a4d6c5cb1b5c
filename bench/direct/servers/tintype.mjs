// Tintype as a library, as in examples/express, with the page beside it.
import { createServer } from 'node:http'
import express from 'express'
import { createTintype } from 'tintype'
import { listen } from '../../peers/listen.mjs'
import { bucket, directory, page } from './environment.mjs'

const { name, endpoint, publicEndpoint, region, credentials } = bucket
const tintype = await createTintype({
  bucket: { name, endpoint, publicEndpoint, region, credentials },
  directory,
  authenticate: () => 'bench',
})
const app = express()
app.use(express.static(page))
app.use('/api', tintype.router)

listen(createServer(app))
