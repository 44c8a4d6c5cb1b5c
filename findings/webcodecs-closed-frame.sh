#!/usr/bin/env bash
# @napi-rs/webcodecs keeps the memory of a closed VideoFrame until V8 collects it, and does not tell V8 how much it is
#
# Expected:  close() gives back a frame's memory at once: that is what WebCodecs has it for.
# Happens:   sixty frames of 1080p (3 MB each), each closed before the next one is made, take 180 MB. V8 sees sixty small
#            objects and is in no hurry; global.gc() gives it back.
# Seen with: @napi-rs/webcodecs 1.3.1 on Node 24, Linux.
# To do:     in a loop over frames start Node with --expose-gc, and call gc() when the resident memory has grown.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @napi-rs/webcodecs@1.3.1 ||
  { echo 'npm could not install @napi-rs/webcodecs.' >&2; exit 2; }

cat >check.mjs <<'END'
import { setImmediate, setTimeout } from 'node:timers/promises'
import webcodecs from '@napi-rs/webcodecs'

const [width, height, count] = [1920, 1080, 60]
const bytes = new Uint8Array((width * height * 3) / 2)
const megabytes = () => Math.round(process.memoryUsage().rss / 1e6)
async function make(timestamp) {
  new webcodecs.VideoFrame(bytes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp }).close()
  await setImmediate()
}

await make(0)
gc()
const before = megabytes()
for (let at = 1; at <= count; at++) await make(at)
const closed = megabytes() - before
let collected = closed
// What is collected is given back some turns later.
for (let look = 0; look < 50 && collected > 20; look++) {
  gc()
  await setTimeout(20)
  collected = megabytes() - before
}
console.log({ frames: Math.round((count * bytes.length) / 1e6), closed, collected })
const asDescribed = closed > 100 && collected < 40
console.log(asDescribed ? 'closed frames keep their memory until a collection' : 'CHANGED')
process.exitCode = asDescribed ? 0 : 1
END
node --expose-gc check.mjs
