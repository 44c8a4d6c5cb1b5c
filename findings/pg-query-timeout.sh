#!/usr/bin/env bash
# node-postgres: behind a query that ran into query_timeout, a released connection fails queries that were never sent
#
# Expected:  query_timeout ends a query. After `finally { client.release() }` the pool has a connection for the next one.
# Happens:   the limit ends the waiting alone. The connection stays busy until the server answers, the pool takes it for
#            idle and lends it again, and the next query waits behind the first: it fails with the same "Query read
#            timeout", although the server has never heard of it. While a server is silent that goes on, one limit each.
# Seen with: pg 8.23.1 on Node 24. pool.query() is not concerned: it drops a connection that a query has failed on.
# To do:     release(error) when a query has failed with that message, which closes the connection; and statement_timeout
#            a little below query_timeout, so that a server that is there ends the query itself.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund pg@8.23.1 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { createServer } from 'node:net'
import pg from 'pg'

const message = (type, body = '') => {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, Buffer.from(body, 'latin1')])
}
const ready = message('Z', 'I')
const heard = []

/** As much of Postgres as this needs: it lets everybody in, and answers each query, "slow" in twenty seconds. */
const server = createServer(socket => {
  socket.on('error', () => {})
  socket.once('data', () => {
    socket.write(Buffer.concat([message('R', '\0\0\0\0'), ready]))
    socket.on('data', data => {
      if (data.toString('latin1', 0, 1) !== 'Q') return
      const query = data.toString('latin1', 5, data.length - 1)
      heard.push(query)
      const answer = () => socket.write(Buffer.concat([message('C', 'SELECT 0\0'), ready]))
      query === 'slow' ? setTimeout(answer, 20_000).unref() : answer()
    })
  })
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))

async function askTwice(release) {
  heard.length = 0
  const { port } = server.address()
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'u', database: 'd', ssl: false, max: 1, query_timeout: 500 })
  const outcomes = []
  for (const query of ['slow', 'quick']) {
    const client = await pool.connect()
    const error = await client.query(query).then(() => undefined, error => error)
    outcomes.push(`${query}: ${error?.message ?? 'answered'}`)
    release(client, error)
  }
  return { outcomes, heard: heard.join() }
}

const released = await askTwice(client => client.release())
const dropped = await askTwice((client, error) => client.release(error))
console.log({ released, dropped })

const asDescribed =
  released.outcomes[1] === 'quick: Query read timeout' && released.heard === 'slow' &&
  dropped.outcomes[1] === 'quick: answered' && dropped.heard === 'slow,quick'
console.log(`pg 8.23.1: ${asDescribed ? 'a query that was never sent runs into the time limit' : 'CHANGED'}`)
process.exit(asDescribed ? 0 : 1)
EOF
node check.mjs
