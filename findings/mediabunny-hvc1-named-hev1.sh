#!/usr/bin/env bash
# Mediabunny names an HEVC track hev1, also where the file says hvc1, as every iPhone writes it
#
# Expected:  getCodecParameterString() and getMimeType() of a file tell what stands in it: a sample entry `hvc1` is
#            "hvc1.1.6.L60.90", one of `hev1` is "hev1...". The two are not the same (ISO/IEC 14496-15): with hvc1 the
#            parameter sets are in the header alone, and Apple's players take nothing else.
# Happens:   both are called hev1. A <source type> or a canPlayType() with it is refused where the file itself plays.
# Seen with: mediabunny 1.61.0 on Node 24, with files of Debian's ffmpeg 5.1 (libx265, -tag:v hvc1 and hev1).
# To do:     read the sample entry's four letters from the file yourself, and put them in place of the first four.
#
# Needs bash, ffmpeg with libx265, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
command -v ffmpeg >/dev/null || { echo 'ffmpeg is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund mediabunny@1.61.0 || { echo 'npm could not install the package.' >&2; exit 2; }
for tag in hvc1 hev1; do
  ffmpeg -v error -f lavfi -i testsrc2=s=320x240:d=0.5 -c:v libx265 -x265-params log-level=error -tag:v $tag $tag.mp4 ||
    { echo 'ffmpeg could not make an HEVC file.' >&2; exit 2; }
done

cat >check.mjs <<'EOF'
import { readFileSync } from 'node:fs'
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny'

async function look(tag) {
  const bytes = readFileSync(`${tag}.mp4`)
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) })
  const track = await input.getPrimaryVideoTrack()
  return {
    inTheFile: ['hvc1', 'hev1'].filter((name) => bytes.includes(name)).join(),
    codec: await track.getCodecParameterString(),
    type: await input.getMimeType(),
  }
}

const found = { hvc1: await look('hvc1'), hev1: await look('hev1') }
console.log(found)
const isAsDescribed =
  found.hvc1.inTheFile === 'hvc1' && [found.hvc1, found.hev1].every(({ codec, type }) => codec.startsWith('hev1') && type.includes('hev1'))
process.exitCode = isAsDescribed ? 0 : 1
EOF
node check.mjs && echo 'As described.' || { echo 'No longer as described.'; exit 1; }
