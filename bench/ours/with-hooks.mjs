/** What an app may switch on, one at a time: `transform`, `outbox` or `undo`. */
import { createServer } from 'node:http'
import { listen } from '../peers/listen.mjs'
import { openTintype } from './app.mjs'

const [what] = process.argv.slice(2)
const options = {
  transform: { hooks: { transform() {} } },
  outbox: { outbox: true },
  undo: { times: { undo: 30 * 86_400 } },
}
const tintype = await openTintype(options[what])
if (what === 'outbox') tintype.outbox(async () => {})

listen(createServer((req, res) => tintype.node(req, res)))
