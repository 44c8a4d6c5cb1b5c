#!/usr/bin/env bash
# sharp applies the ICC profile of an 8-bit picture and passes over that of a 16-bit one
#
# Expected:  sharp converts to sRGB unless told otherwise, so a PNG in Display P3 comes out in sRGB whatever its depth.
# Happens:   with 8 bits a channel it does. With 16 the numbers are kept and the profile is dropped, so that a P3 pink
#            of 186,96,129 is then shown as an sRGB 186,96,129 instead of 200,90,130: duller by up to 14 levels. Greys
#            are the same in both spaces, and hide it.
# Seen with: sharp 0.35.5 (libvips 8.18.7) on Node 24; PNG here, AVIF of 10 and 12 bits likewise.
# To do:     for pictures whose metadata has `depth: 'ushort'` and a profile, call pipelineColourspace('srgb') first.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund sharp@0.35.5 || { echo 'npm could not install sharp.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import sharp from 'sharp'

const pink = { r: 200, g: 90, b: 130 }
const patch = () => sharp({ create: { width: 32, height: 32, channels: 3, background: pink } })

/** The same colour twice, with the same embedded profile. */
const eight = await patch().withIccProfile('p3').png().toBuffer()
const sixteen = await patch().toColourspace('rgb16').withIccProfile('p3').png().toBuffer()

const colour = async image => [...(await image.raw().toBuffer()).subarray(0, 3)].join()

for (const [bytes, depth] of [[eight, 'uchar'], [sixteen, 'ushort']]) {
  const metadata = await sharp(bytes).metadata()
  if (metadata.depth !== depth || !metadata.icc) throw new Error('The picture is not what this script meant to make.')
}
const seen = {
  '8 bits': await colour(sharp(eight).toColourspace('srgb')),
  '16 bits': await colour(sharp(sixteen).toColourspace('srgb')),
  '16 bits, pipelineColourspace': await colour(sharp(sixteen).pipelineColourspace('srgb').toColourspace('srgb')),
}
console.log(seen)

const asDescribed =
  seen['8 bits'] === '200,90,130' &&
  seen['16 bits'] === '186,96,129' &&
  seen['16 bits, pipelineColourspace'] === '200,90,130'
console.log(`sharp ${sharp.versions.sharp}: ${asDescribed ? 'the profile of 16 bits is passed over' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
