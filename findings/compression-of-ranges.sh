#!/usr/bin/env bash
# Express's compression compresses parts (206) as well, and leaves Content-Range as it was
#
# Expected:  a 206 is left alone, as nginx does: with `Content-Encoding: gzip` its bytes would have to be a part of the
#            compressed file (RFC 9110 sections 8.4 and 14.2: a range counts bytes of the encoded representation).
# Happens:   each part is compressed by itself, while Content-Range still counts bytes of the uncompressed file. A client
#            that goes on with a compressed download after a cut gets something that is not the rest of it.
# Seen with: compression 1.8.2, Express 5.3.0 (its static files answer ranges) on Node 24.
# To do:     compression({ filter }) with a filter that refuses when res.statusCode is 206; or no compression for
#            routes that answer ranges.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund compression@1.8.2 express@5.3.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import compression from 'compression'
import express from 'express'
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { gunzipSync } from 'node:zlib'

mkdirSync('files')
const text = Array.from({ length: 2000 }, (_, line) => `line ${line}\n`).join('')
writeFileSync('files/a.txt', text)
const server = express().use(compression()).use(express.static('files')).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))

function ask(headers) {
  const url = `http://127.0.0.1:${server.address().port}/a.txt`
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers }, async response => {
      const body = Buffer.concat(await response.toArray())
      resolve({ status: response.statusCode, headers: response.headers, body })
    }).on('error', reject)
  })
}

const whole = await ask({ 'accept-encoding': 'gzip' })
const middle = Math.floor(whole.body.length / 2) // where the connection was cut, let us say
const rest = await ask({ 'accept-encoding': 'gzip', range: `bytes=${middle}-` })
server.close()

function opens(bytes) {
  try {
    return gunzipSync(bytes).toString() === text
  } catch {
    return false
  }
}
const seen = {
  status: rest.status,
  range: rest.headers['content-range'],
  encoding: rest.headers['content-encoding'],
  wholeOpens: opens(whole.body),
  halfAndRestOpen: opens(Buffer.concat([whole.body.subarray(0, middle), rest.body])),
}
console.log(seen)

const asDescribed =
  seen.status === 206 && seen.encoding === 'gzip' && seen.range === `bytes ${middle}-${text.length - 1}/${text.length}` &&
  seen.wholeOpens && !seen.halfAndRestOpen
console.log(`compression 1.8.2: ${asDescribed ? 'a 206 is compressed by itself' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
