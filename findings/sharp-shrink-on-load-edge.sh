#!/usr/bin/env bash
# sharp leaves the right edge of a narrow JPEG out when it makes it smaller
#
# Expected:  a resized picture shows all of the picture, whatever it was stored as: each pixel that comes out is a mean of those
#            that it stands for. The documentation of `fastShrinkOnLoad`, which is on by default, speaks of a slight moire pattern and
#            of a dimension that is rounded down.
# Happens:   a JPEG is made smaller by 2, 4 or 8 while it is decoded, and what is left over of a side that this does not divide is
#            cut off before the rest is resized. Of a white strip of 60 x 2400 with a red border of 4 pixels at its right, made 6 x 240,
#            nothing red is left; the same strip as PNG has it, and so has the JPEG with `fastShrinkOnLoad: false`.
# Seen with: sharp 0.35.5 (libvips 8.18.7) on Node 24.
# To do:     set `fastShrinkOnLoad: false` where a side comes out with few pixels: of a wide picture less than one pixel is missed.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund sharp@0.35.5 || { echo 'npm could not install sharp.' >&2; exit 2; }

cat >check.mjs <<'EOS'
import sharp from 'sharp'

const plain = (width, background) => sharp({ create: { width, height: 2400, channels: 3, background } })
const border = await plain(4, '#d00000').png().toBuffer()
const strip = await plain(60, '#ffffff').composite([{ input: border, left: 56, top: 0 }]).png().toBuffer()
const jpeg = await sharp(strip).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()

/** Green of the middle row: 255 is white. */
async function row(bytes, options) {
  const resized = sharp(bytes).resize({ width: 240, height: 240, fit: 'inside', ...options })
  const { data, info } = await resized.raw().toBuffer({ resolveWithObject: true })
  const from = 120 * info.width * info.channels
  return Array.from({ length: info.width }, (_, at) => data[from + at * info.channels + 1])
}

const seen = { png: await row(strip), jpeg: await row(jpeg), whole: await row(jpeg, { fastShrinkOnLoad: false }) }
for (const [name, pixels] of Object.entries(seen)) console.log(name.padEnd(6), pixels.join(' '))
const hasBorder = pixels => pixels.at(-1) < 200
process.exit(hasBorder(seen.png) && !hasBorder(seen.jpeg) && hasBorder(seen.whole) ? 0 : 1)
EOS
node check.mjs
