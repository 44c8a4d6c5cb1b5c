#!/usr/bin/env bash
# sharp knows colours by ICC profiles alone: what PNG (cICP) and AVIF (nclx) say in four numbers is passed over
#
# Expected:  a PNG or AVIF that says "Display P3" by code points is converted to sRGB as one with a P3 profile is.
#            Browsers show the two alike, and the PNG specification gives cICP precedence over a profile.
# Happens:   P3 numbers are taken for sRGB, without a warning. Nor does metadata() tell: `space` is srgb, no profile.
# Seen with: sharp 0.35.5 (libvips 8.18.7, libpng 1.6.58, libheif 1.23.5) on Node 24.
# To do:     read the cICP chunk or the nclx box yourself (primaries 12 are P3, transfer 16 is PQ, 18 is HLG) and
#            convert the pixels after decoding.
#
# Needs bash, Node 22.2 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(require("node:zlib").crc32 ? 0 : 1)' || { echo 'Node 22.2 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund sharp@0.35.5 || { echo 'npm could not install sharp.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import sharp from 'sharp'
import { crc32 } from 'node:zlib'

// A pink in the numbers of Display P3; the same colour is 200,90,130 in sRGB.
const numbers = { r: 186, g: 96, b: 129 }
const patch = colour => sharp({ create: { width: 16, height: 16, channels: 3, background: colour } })

const profile = await patch({ r: 200, g: 90, b: 130 }).withIccProfile('p3').png().toBuffer()

// cICP: primaries 12 (P3), transfer 13 (sRGB's), matrix 0 (RGB), full range. It stands behind IHDR, which ends at 33.
const body = Buffer.from('cICP\x0c\x0d\x00\x01', 'latin1')
const chunk = Buffer.concat([Buffer.from([0, 0, 0, 4]), body, Buffer.alloc(4)])
chunk.writeUInt32BE(crc32(body), 8 + 4)
const plain = await patch(numbers).png().toBuffer()
const png = Buffer.concat([plain.subarray(0, 33), chunk, plain.subarray(33)])

// AVIF has the same numbers in the box `colr` of type `nclx`; sharp writes primaries 1 (sRGB's) there.
const avif = await patch(numbers).avif({ lossless: true }).toBuffer()
const nclx = avif.indexOf('nclx') + 4
if (avif.readUInt16BE(nclx) !== 1) throw new Error('The AVIF is not what this script meant to make.')
avif.writeUInt16BE(12, nclx)

const colour = async bytes => [...(await sharp(bytes).toColourspace('srgb').raw().toBuffer()).subarray(0, 3)].join()
const seen = { profile: await colour(profile), cICP: await colour(png), nclx: await colour(avif) }
console.log(seen)

const asDescribed = seen.profile === '200,90,130' && seen.cICP === '186,96,129' && seen.nclx === '186,96,129'
console.log(`sharp ${sharp.versions.sharp}: ${asDescribed ? 'cICP and nclx are passed over' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
