/** What an app may add to an upload, one at a time: `transform` or `outbox`. */
import { createServer } from 'node:http'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const [what] = process.argv.slice(2)
const options = { transform: { hooks: { transform() {} } }, outbox: { outbox: true } }
const tintype = await openTintype(options[what])
if (what === 'outbox') tintype.outbox(async () => {})

listen(createServer((req, res) => tintype.node(req, res)))
