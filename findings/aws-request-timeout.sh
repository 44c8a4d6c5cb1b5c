#!/usr/bin/env bash
# AWS SDK: requestTimeout ends nothing, and with throwOnRequestTimeout it ends what has no answer yet, never a slow body
#
# Expected:  `requestHandler: { requestTimeout: 500 }` is how long a request may take: then it fails, and is tried again.
# Happens:   nothing fails. A line goes to the console, and an S3 that says nothing is waited for without end. With
#            throwOnRequestTimeout: true the request fails with TimeoutError; but once the head of the answer is there,
#            its body may come for as long as it likes, a byte at a time. socketTimeout does not help there: a socket
#            that gets a byte now and then is not idle.
# Seen with: @aws-sdk/client-s3 3.1175.0 (@smithy/node-http-handler 4.14.2) on Node 24.
# To do:     throwOnRequestTimeout: true, socketTimeout, and an abortSignal of one's own over the reading of the body.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1175.0 @smithy/node-http-handler@4.14.2 ||
  { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'

const limit = 500
const patience = 4000
/** An S3 with two objects: one it never answers for, and one of 1,000 bytes that takes it two minutes to send. */
const server = createServer((req, res) => {
  if (req.url.includes('never')) return
  res.writeHead(200, { 'content-length': 1000, etag: '"e"' })
  const timer = setInterval(() => res.write('x'), 120)
  res.once('close', () => clearInterval(timer))
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))

async function outcome(key, requestHandler) {
  const client = new S3Client({
    region: 'us-east-1', endpoint: `http://127.0.0.1:${server.address().port}`, forcePathStyle: true, maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, requestHandler,
  })
  const reading = client.send(new GetObjectCommand({ Bucket: 'b', Key: key })).then(async ({ Body }) => {
    let bytes = 0
    for await (const piece of Body) bytes += piece.length
    return `${bytes} bytes`
  })
  const seen = await Promise.race([
    reading.catch(error => error.name), wait(patience, `nothing after ${patience / limit} times the limit`),
  ])
  reading.catch(() => {})
  client.destroy()
  return seen
}

const lines = []
const warn = console.warn
console.warn = text => lines.push(text)
const alone = await outcome('never', { requestTimeout: limit })
console.warn = warn
const throwing = { requestTimeout: limit, throwOnRequestTimeout: true }
const seen = {
  'no answer, requestTimeout': alone,
  'lines on the console': lines.length,
  'no answer, throwOnRequestTimeout': await outcome('never', throwing),
  'slow body, throwOnRequestTimeout and socketTimeout': await outcome('slow', { ...throwing, socketTimeout: limit }),
}
console.log(seen)
const waited = `nothing after ${patience / limit} times the limit`
const asDescribed = Object.values(seen).join() === [waited, 1, 'TimeoutError', waited].join()
console.log(`@aws-sdk/client-s3 3.1175.0: ${asDescribed ? 'requestTimeout alone ends nothing, and nothing ends a slow body' : 'CHANGED'}`)
process.exit(asDescribed ? 0 : 1)
EOF
node check.mjs
