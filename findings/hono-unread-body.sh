#!/usr/bin/env bash
# Hono on Node cuts an upload off half a second after an answer that did not read it, and has announced keep-alive
#
# Expected:  as with node:http: a handler that answers without reading the body (401, 413) leaves the rest of it to be
#            read and thrown away, as long as it takes, and the connection goes on; or the answer says Connection: close.
# Happens:   @hono/node-server reads on for 500 ms, or 64 MiB, and then closes the connection. A client on a slow line is
#            in the middle of its upload by then; one that looks at the answer only when it has sent everything, as
#            browsers do, sees a broken connection instead of the 401.
# Seen with: @hono/node-server 2.1.9 with hono 4.13.19 on Node 24.
# To do:     read the body to its end before you answer, where the answer has to arrive; or have it refused earlier, by a
#            proxy in front.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund hono@4.13.19 @hono/node-server@2.1.9 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono().post('/', (c) => c.text('Sign in first.', 401))
const servers = {
  hono: createAdaptorServer({ fetch: app.fetch }),
  node: createServer((_, response) => response.writeHead(401).end('Sign in first.')),
}

// 200 KB at 100 KB a second.
async function upload(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(server.address().port, '127.0.0.1')
  let answer = ''
  let cut = false
  socket.on('data', (data) => (answer += data))
  socket.on('error', () => (cut = true))
  socket.on('close', () => (cut = true))
  socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 200000\r\n\r\n')
  let sent = 0
  while (sent < 200_000 && !cut) {
    socket.write(Buffer.alloc(10_000))
    sent += 10_000
    await setTimeout(100)
  }
  const whileSending = cut
  socket.destroy()
  server.close()
  return { status: answer.slice(9, 12), announced: /^connection: (.*)$/im.exec(answer)?.[1].trim(), sent, cut: whileSending }
}

const hono = await upload(servers.hono)
const node = await upload(servers.node)
console.log({ hono, node })
const asDescribed =
  hono.status === '401' && hono.announced === 'keep-alive' && hono.cut && hono.sent < 150_000 && !node.cut && node.sent === 200_000
console.log(`@hono/node-server 2.1.9: ${asDescribed ? 'the upload is cut off, after an answer that announced keep-alive' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
