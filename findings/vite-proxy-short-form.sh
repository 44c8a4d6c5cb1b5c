#!/usr/bin/env bash
# Vite's dev proxy: the short form of an entry changes the Host header, the long form keeps it
#
# Expected:  '/api': 'http://127.0.0.1:3000' is '/api': { target: 'http://127.0.0.1:3000' }, written shorter.
# Happens:   the short form is { target, changeOrigin: true }: the backend sees its own Host, not the page's.
#            With the long form it sees the dev server's. So adding any option (`ws`, `rewrite`) to a short entry also
#            changes the host that the backend makes links, cookies and redirects for, and compares with Origin.
# Seen with: Vite 8.3.8 on Node 24.
# To do:     always write the long form, with changeOrigin said.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund vite@8.3.8 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { createServer as createBackend } from 'node:http'
import { createServer, version } from 'vite'

const backend = createBackend((request, response) => response.end(request.headers.host)).listen(0, '127.0.0.1')
await new Promise(resolve => backend.once('listening', resolve))
const target = `http://127.0.0.1:${backend.address().port}`

const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { host: '127.0.0.1', port: 0, ws: false, watch: null, proxy: { '/short': target, '/long': { target } } },
})
await vite.listen()
const page = `http://127.0.0.1:${vite.httpServer.address().port}`

const whose = host => (`http://${host}` === target ? "the backend's" : `http://${host}` === page ? "the page's" : host)
const hostAt = async path => whose(await (await fetch(page + path)).text())
const seen = { short: await hostAt('/short'), long: await hostAt('/long') }
console.log('Host that the backend gets:', seen)
await vite.close()
backend.close()
backend.closeAllConnections()

const asDescribed = seen.short === "the backend's" && seen.long === "the page's"
console.log(`vite ${version}: ${asDescribed ? 'the two forms differ in the Host header' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
