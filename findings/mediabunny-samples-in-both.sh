#!/usr/bin/env bash
# mediabunny sees only the first part of an MP4 that has pictures in `moov` and in fragments
#
# Expected:  ISO/IEC 14496-12 lets a movie have samples in its `moov` and more in fragments behind it; all of them play.
#            `ffmpeg -movflags +frag_keyframe` writes that, unless `empty_moov` is given too, and ffprobe reads it whole.
# Happens:   mediabunny goes by the tables of `moov` alone once they have samples: three seconds become one, and the packets
#            of the fragments are never listed. No error, no warning.
# Seen with: mediabunny 1.61.0 on Node 24; file by ffmpeg's libx264. With an empty `moov` all is found.
# To do:     look for `moof` boxes in files whose `moov` has samples, and read durations from the fragments yourself, or
#            have such files rewritten (ffmpeg -c copy).
#
# Needs bash, Node 22 or newer and npm, and ffmpeg with libx264. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
command -v ffmpeg >/dev/null || { echo 'ffmpeg is needed to make the file.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund mediabunny@1.61.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

# Three seconds, thirty pictures, a key frame each second, none out of order.
record() {
  ffmpeg -v error -f lavfi -i testsrc=size=64x64:rate=10:duration=3 -c:v libx264 -bf 0 -g 10 -pix_fmt yuv420p \
    -movflags "$1" "$2" || { echo 'ffmpeg could not make the file; it needs libx264.' >&2; exit 2; }
}
record +frag_keyframe both.mp4
record +frag_keyframe+empty_moov fragments.mp4

cat >check.mjs <<'EOF'
import { readFileSync } from 'node:fs'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'

function boxes(file) {
  const types = []
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) types.push(file.toString('latin1', at + 4, at + 8))
  return types.join(' ')
}

async function look(path) {
  const file = readFileSync(path)
  const track = await new Input({ formats: ALL_FORMATS, source: new BufferSource(file) }).getPrimaryVideoTrack()
  let packets = 0
  for await (const _ of new EncodedPacketSink(track).packets()) packets++
  return { boxes: boxes(file), seconds: await track.computeDuration(), packets }
}

const both = await look('both.mp4')
const fragments = await look('fragments.mp4')
console.log({ both, fragments })
if (!both.boxes.includes('moov mdat moof mdat')) throw new Error('The file is not what this script meant to make.')

const asDescribed = both.packets === 10 && both.seconds < 1.5 && fragments.packets === 30 && fragments.seconds > 2.9
console.log(`mediabunny 1.61.0: ${asDescribed ? 'of samples in moov and in fragments it sees the former' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
