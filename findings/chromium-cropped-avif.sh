#!/usr/bin/env bash
# Chromium crops an AVIF only if the part to show begins in its corner; sharp crops it wherever the part is
#
# Expected:  the box `clap` (ISO/IEC 14496-12) says which part of a picture is shown. Decoders show that part, or all of them
#            the whole.
# Happens:   a part of 32 x 24 pixels out of the middle of 64 x 48: sharp gives 32 x 24, Chromium shows 64 x 48. With the
#            same part in the upper left corner, both give 32 x 24.
# Seen with: Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0), sharp 0.35.5.
# To do:     sizes of a thumbnail and of its original may differ: let the picture that is shown decide, and crop before storing
#            where what is outside must not be seen.
#
# Needs bash, Node 22 or newer, npm and what Chromium needs of Linux. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @sparticuz/chromium@153.0.0 playwright-core@1.65.1 sharp@0.35.5 ||
  { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'END'
import packaged from '@sparticuz/chromium'
import { chromium } from 'playwright-core'
import sharp from 'sharp'

// A red field of 32 x 24 in the middle of blue 64 x 48, of which the field is shown.
const middle = Buffer.from(
  `
AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAEbbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAA
DnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABQwAAADYAAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAk2lw
cnAAAABzaXBjbwAAABRpc3BlAAAAAAAAAEAAAAAwAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAoY2xhcAAA
ACAAAAABAAAAGAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAGGlwbWEAAAAAAAAAAQABBQECgwSFAAAAPm1kYXQSAAoJOBV/vYQENBpAMidFkAGGGGFAuGbx
s7U11BEHvHzQfztAU5WX+HHA1QVHB5Iv5tmVLbo=
`,
  'base64',
)
// The box has eight numbers: width, height, and how far the part's centre is from the picture's, each as a fraction.
const corner = Buffer.from(middle)
corner.writeInt32BE(-16, corner.indexOf('clap') + 20)
corner.writeInt32BE(-12, corner.indexOf('clap') + 28)

const browser = await chromium
  .launch({ executablePath: await packaged.executablePath(), args: packaged.args, headless: true })
  .catch((error) => {
    console.error(`Chromium does not start: ${String(error).split('\n')[0]}`)
    process.exit(2)
  })
const page = await browser.newPage()
async function sizes(file) {
  const { info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
  const shown = await page.evaluate(async (src) => {
    const image = new Image()
    image.src = src
    await image.decode()
    return `${image.naturalWidth} x ${image.naturalHeight}`
  }, `data:image/avif;base64,${file.toString('base64')}`)
  return `sharp ${info.width} x ${info.height}, Chromium ${shown}`
}
const seen = { middle: await sizes(middle), corner: await sizes(corner) }
console.log(browser.version(), seen)
await browser.close()
const asDescribed =
  seen.middle === 'sharp 32 x 24, Chromium 64 x 48' && seen.corner === 'sharp 32 x 24, Chromium 32 x 24'
console.log(asDescribed ? 'as described' : 'CHANGED')
process.exitCode = asDescribed ? 0 : 1
END
node check.mjs
