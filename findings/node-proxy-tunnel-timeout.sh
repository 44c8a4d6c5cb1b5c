#!/usr/bin/env bash
# Node's built-in proxy support: request.setTimeout() does not count while the proxy makes its tunnel, `timeout` does
#
# Expected:  request.setTimeout(ms) and the option `timeout: ms` are two ways to say one thing. Without a proxy both
#            end the waiting for a server that accepts the connection and then says nothing.
# Happens:   through a proxy (an agent with proxyEnv) only the option also limits the time that the proxy takes to answer
#            CONNECT. setTimeout() begins when the request gets its socket, which is when the tunnel is there. Clients
#            that set their limits that way lose them exactly where a proxy is slow.
# Seen with: Node 24.21.0, whose npm package is run here.
# To do:     give `timeout` to https.request or to the agent, also where setTimeout() is called.
#
# Needs bash, Node 22 or newer and npm (which fetches 50 MB). Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 || { echo 'npm could not install this Node.' >&2; exit 2; }
[ -x node_modules/node/bin/node ] || { echo 'There is no such Node for this system, or install scripts are off.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import https from 'node:https'
import { createServer } from 'node:net'

/** Accepts connections and reads what comes. It ends them after two seconds, many times the limit that is tried. */
const heard = []
const silent = createServer(socket => {
  socket.on('error', () => {})
  socket.once('data', data => heard.push(data.toString('latin1').startsWith('CONNECT ') ? 'CONNECT' : 'TLS'))
  setTimeout(() => socket.destroy(), 2_000)
}).listen(0, '127.0.0.1')
await new Promise(resolve => silent.once('listening', resolve))
const { port } = silent.address()

/** Who ended the request: the time limit of 200 ms, or the other side after two seconds. */
function endedBy(url, proxyEnv, options, prepare) {
  return new Promise(resolve => {
    const agent = new https.Agent(proxyEnv ? { proxyEnv } : {})
    const request = https.get(url, { agent, ...options })
    request.on('timeout', () => request.destroy(resolve('the limit')))
    request.on('error', () => resolve('the other side'))
    prepare(request)
  })
}
const limits = { option: [{ timeout: 200 }, () => {}], setTimeout: [{}, request => request.setTimeout(200)] }
const proxy = { HTTPS_PROXY: `http://127.0.0.1:${port}` }
const seen = {}
for (const [name, limit] of Object.entries(limits)) {
  seen[`${name}, no proxy`] = await endedBy(`https://127.0.0.1:${port}/`, undefined, ...limit)
  seen[`${name}, proxy`] = await endedBy('https://server.example/', proxy, ...limit)
}
console.log(seen)
if (heard.join() !== 'TLS,CONNECT,TLS,CONNECT') throw new Error(`The requests went another way: ${heard.join()}`)

const outcome = Object.values(seen).join()
const asDescribed = outcome === 'the limit,the limit,the limit,the other side'
console.log(`Node ${process.version}: ${asDescribed ? 'setTimeout() leaves the tunnel out' : 'CHANGED'}`)
process.exit(asDescribed ? 0 : 1)
EOF
node_modules/node/bin/node check.mjs
