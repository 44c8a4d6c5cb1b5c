#!/usr/bin/env bash
# Node: one turn of the event loop accepts one connection, however many wait
#
# Expected:  connections that wait in the queue of a listening socket are all accepted when Node gets to it, as epoll servers do in a loop.
# Happens:   `net` and `http` servers accept one in each turn of the event loop. What a turn takes is paid by each that waits: where a hundred uploads
#            begin at once and a turn reads from each of those that are there already (up to 2 MB of a socket), the hundredth is accepted
#            after ninety-nine such turns. A health check that connects behind them waits for seconds, though no single task of the server is
#            long, and the delay of the event loop that monitoring shows is a tenth of a second.
# Seen with: Node 24.21.0, and 20.20.2 alike: of 50 connections that were complete before the server looked, 50 turns accepted one each. In
#            an upload server with turns of 100 to 250 ms a health check took 6 to 12 s.
# To do:     keep turns short while connections come: pause bodies that are being read; let health checks keep their connection.
#
# Needs bash, Node 20 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo 'Node 20 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"allowScripts":{"node":true}}' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'JS'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'

const count = 50
const perTurn = []
let turn = 0
const server = createServer((socket) => {
  perTurn[turn] = (perTurn[turn] ?? 0) + 1
  socket.destroy()
  if (perTurn.reduce((sum, n) => sum + (n ?? 0), 0) === count) end()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const client = `
  const { connect } = require('node:net')
  const { workerData: { port, count, open } } = require('node:worker_threads')
  for (let i = 0; i < count; i++) {
    connect(port, '127.0.0.1', () => { Atomics.add(open, 0, 1); Atomics.notify(open, 0) }).on('error', () => {})
  }`
const open = new Int32Array(new SharedArrayBuffer(4))
const worker = new Worker(client, { eval: true, workerData: { port: server.address().port, count, open } })
await once(worker, 'online')
// This thread has other work until all have connected.
for (let seen = 0; seen < count; seen = Atomics.load(open, 0)) Atomics.wait(open, 0, seen, 1000)
let isOver = false
const next = () => { turn++; if (!isOver) setImmediate(next) }
setImmediate(next)
function end() {
  isOver = true
  server.close()
  const most = Math.max(...perTurn.filter(Boolean))
  console.log(`${process.version}: of ${count} waiting connections one turn accepted ${most} at the most; all were accepted in ${perTurn.filter(Boolean).length} turns`)
  process.exitCode = most === 1 ? 0 : 1
}
JS
node_modules/.bin/node check.mjs
