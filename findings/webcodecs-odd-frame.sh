#!/usr/bin/env bash
# @napi-rs/webcodecs leaves out the last chroma samples of a frame with an odd number of columns or rows
#
# Expected:  I420 of 161 x 121 pixels has chroma planes of 81 x 61 samples: WebCodecs rounds up, as browsers do, and
#            as the decoder's own picture has it. A video may have such a size (VP9 has no rule against it).
# Happens:   allocationSize() and copyTo() count 80 x 60. Code that goes by the rule reads behind the end, or finds the planes
#            to be incomplete. The constructor wants the full planes, so that what goes in does not come out.
# Seen with: @napi-rs/webcodecs 1.3.1 on Node 24.
# To do:     take the frame for one of an even size, a column or a row smaller.
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
import webcodecs from '@napi-rs/webcodecs'

const [width, height] = [161, 121]
const luma = width * height
const rule = luma + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)
const frame = new webcodecs.VideoFrame(new Uint8Array(rule), {
  format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0,
})
const size = frame.allocationSize()
const planes = await frame.copyTo(new Uint8Array(size))
frame.close()
console.log({ rule, size, planes })
const asDescribed = size === luma + 2 * 80 * 60 && planes[1].stride === 80
console.log(`161 x 121: ${asDescribed ? 'chroma of 80 x 60' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
END
node check.mjs
