#!/usr/bin/env bash
# The AWS SDK writes into the credentials it is given, and fails with a TypeError where they are frozen
#
# Expected:  `new S3Client({ credentials })` reads the access key and the secret, and leaves the object alone: one that is
#            deeply frozen, as configuration often is, works like any other.
# Happens:   with the first request the SDK adds `$source`, its own notes for the User-Agent, to the caller's object. From a
#            frozen one every request is rejected: "Cannot set properties of undefined (setting 'CREDENTIALS_CODE')", which
#            names neither the credentials nor that they are frozen.
# Seen with: @aws-sdk/client-s3 3.1175.0 on Node 24.
# To do:     give it a copy: `credentials: { ...config.credentials }`, or a function that returns one.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1175.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'

const answer = '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>'
const server = createServer((_, response) => response.setHeader('Content-Type', 'application/xml').end(answer))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const options = { endpoint: `http://127.0.0.1:${server.address().port}`, region: 'us-east-1', forcePathStyle: true }

async function list(credentials) {
  const client = new S3Client({ ...options, credentials })
  try {
    await client.send(new ListBucketsCommand())
    return 'works'
  } catch (error) {
    return `${error.name}: ${error.message}`
  } finally {
    client.destroy()
  }
}

const own = { accessKeyId: 'key', secretAccessKey: 'secret' }
const plain = await list(own)
const frozen = await list(Object.freeze({ accessKeyId: 'key', secretAccessKey: 'secret' }))
const copied = await list({ accessKeyId: 'key', secretAccessKey: 'secret' })
console.log({ plain, keysAfterwards: Object.keys(own), frozen, copied })
server.close()
server.closeAllConnections()
const isAsDescribed = plain === 'works' && copied === 'works' && '$source' in own && frozen.startsWith('TypeError')
process.exitCode = isAsDescribed ? 0 : 1
EOF
node check.mjs && echo 'As described.' || { echo 'No longer as described.'; exit 1; }
