#!/usr/bin/env bash
# libheif-js 1.23 refuses a HEIC that shows a small part of its picture (`clap`), and calls that a security limit
#
# Expected:  the box `clap` (ISO/IEC 14496-12) says which part of a picture is shown; however small it is, the picture is
#            decoded and cropped. Release 1.19 does so.
# Happens:   the coded picture may have 64 pixels more than the part, each way: (width + 64) x (height + 64) in all. Where it
#            has more, decoding fails with "Security limit exceeded: Image size ... exceeds the maximum image size".
# Seen with: libheif-js 1.23.2; 1.19.8 decodes the same file. Two files of Nokia's conformance suite (C013, MIAF007)
#            are among those that are refused.
# To do:     do not tell the sender that the file is damaged or dangerous; ask for an ordinary JPEG.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund now@npm:libheif-js@1.23.2 before@npm:libheif-js@1.19.8 ||
  { echo 'npm could not install libheif-js.' >&2; exit 2; }

cat >check.mjs <<'END'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
// Four patches of colour, 128 x 64, of which the middle is shown; the box says how much.
const file = Buffer.from(
  `
AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABYW1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBpdG0AAAAAAA
EAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAAxpcmVmAAAAAAAAANlpcHJwAAAAu2lwY28AAAB3aHZjQwEECAAAAAAAAAAA
AB7wAPz/+PgAAA8DIAABABdAAQwB//8ECAAAAwCeOAAAAwAAHroCQCEAAQAqQgEBBAgAAAMAnjgAAAMAAB6QAgQILLdSSU1zcCAgYEAAAAMAQA
AAAwBCIgABAAhEAcFyhgwCJAAAABRpc3BlAAAAAAAAAIAAAABAAAAAKGNsYXAAAAAUAAAAAQAAABQAAAABAAAAAAAAAAEAAAAAAAAAAQAAABZp
cG1hAAAAAAAAAAEAAQMBAgMAAAAeaWxvYwAAAABEAAABAAEAAAABAAABgQAAAJYAAACebWRhdAAAAJIoAa8GOFr8/Tf5Je///6pG+h/pNfqr4N
1l+KpTI/0IGP//WEop6HxsJs/F55d2NcMPvyYkeB/3zDBcfL4kWCgWoWOb1niNTHgqoLgrizpz6RRewXoy4PoK/0jdFfnNk+dDm3z1cqHmeEYT
gmthlIOmUplP+VRf/82YP/90hmCm7Bf+uAzRPo4DuvtKl03T/kFPcA==
`,
  'base64',
)
const at = file.indexOf('clap') + 4

function shown(width, height) {
  const bytes = Buffer.from(file)
  bytes.writeUInt32BE(width, at)
  bytes.writeUInt32BE(height, at + 8)
  return bytes
}

function decode(name, bytes) {
  const start = require(`${name}/libheif-wasm/libheif.js`)
  const { readFileSync } = require('node:fs')
  const wasmBinary = readFileSync(require.resolve(`${name}/libheif-wasm/libheif.wasm`))
  const lib = start({ wasmBinary, print() {}, printErr() {} })
  const context = lib.heif_context_alloc()
  lib.heif_context_read_from_memory(context, new Uint8Array(bytes))
  const handle = lib.heif_js_context_get_primary_image_handle(context)
  const { channels, message } = lib.heif_js_decode_image2(
    handle,
    lib.heif_colorspace.heif_colorspace_RGB,
    lib.heif_chroma.heif_chroma_interleaved_RGB,
  )
  const [channel] = channels ?? []
  return channel ? `${channel.width}x${channel.height}` : message
}

const sizes = [[128, 64], [100, 40], [20, 20]]
const seen = Object.fromEntries(
  ['before', 'now'].map(name => [name, sizes.map(([width, height]) => decode(name, shown(width, height)))]),
)
console.log(seen)
const asDescribed =
  seen.before.join() === '128x64,100x40,20x20' &&
  seen.now.slice(0, 2).join() === '128x64,100x40' &&
  /Security limit exceeded: Image size 128x64 exceeds the maximum image size 7056/.test(seen.now[2])
console.log(asDescribed ? 'a part of 20 x 20 is refused by 1.23.2, and decoded by 1.19.8' : 'CHANGED')
process.exitCode = asDescribed ? 0 : 1
END
node check.mjs
