#!/usr/bin/env bash
# A File with an empty name goes into a form as a file and comes out as a string
#
# Expected:  `filename=""`, as browsers send it for a file input in which nothing was chosen, or for such a File. What
#            FormData reads back is a File again.
# Happens:   undici, which is Node's fetch, writes no `filename` at all when the name is empty. To the fetch
#            standard a part without it is a text field: reading the form gives a string, and bytes that are not UTF-8
#            are lost. Other parsers differ: busboy 1.6.0 looks at the part's type, and takes octet-stream for a file.
# Seen with: undici 7.29.1 (which is in Node 24.21.0) and 8.13.1, on both sides.
# To do:     when sending, give each File a name. When receiving, expect parts without `filename` in a file's field.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund undici@7.29.1 || { echo 'npm could not install undici.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { createRequire } from 'node:module'
import undici from 'undici'

const bytes = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]) // how a JPEG begins

async function throughAForm(name) {
  const form = new undici.FormData()
  form.append('photo', new File([bytes], name, { type: 'image/jpeg' }))
  if (!(form.get('photo') instanceof File)) throw new Error('The form does not hold a file to begin with.')

  const sent = new undici.Response(form)
  const type = sent.headers.get('content-type')
  const body = Buffer.from(await sent.arrayBuffer())
  const read = (await new undici.Response(body, { headers: { 'content-type': type } }).formData()).get('photo')
  const kept = typeof read === 'string' ? Buffer.from(read) : Buffer.from(await read.arrayBuffer())
  return {
    header: body.toString('latin1').match(/Content-Disposition: (.*)\r\n/)[1],
    read: typeof read === 'string' ? 'string' : 'File',
    sameBytes: kept.equals(Buffer.from(bytes)),
  }
}

const named = await throughAForm('a.jpg')
const nameless = await throughAForm('')
console.log({ named, nameless })

const asDescribed =
  named.read === 'File' && named.sameBytes &&
  nameless.read === 'string' && !nameless.sameBytes && !nameless.header.includes('filename')
const { version } = createRequire(import.meta.url)('undici/package.json')
console.log(`undici ${version}: ${asDescribed ? 'a File without a name arrives as a string' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
