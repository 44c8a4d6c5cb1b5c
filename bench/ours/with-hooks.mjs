/** What an app may add to an upload, one at a time: `transform` or `outbox`. */
import { createServer } from 'node:http'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const [what] = process.argv.slice(2)
const tintype = await openTintype(what === 'transform' ? { hooks: { transform() {} } } : {})
if (what === 'outbox') tintype.outbox(async () => {})

listen(createServer((req, res) => tintype.node(req, res)))
