/**
 * Draws the gallery's icons for phones from `packages/gallery/public/icon.svg`, where it has changed: `node scripts/icons.ts`.
 * The pictures are in the repository, so that building the gallery needs no decoder.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'

const folder = new URL('../packages/gallery/public/', import.meta.url)
const svg = readFileSync(new URL('icon.svg', folder), 'utf8')
/** Without its round corners: the phone cuts its own. */
const square = svg.replace(/(<rect width="32" height="32") rx="8"/, '$1')
if (square === svg) throw new Error('icon.svg has another background: look at how it is made square here.')
/**
 * Android cuts to any shape around the middle, and leaves a circle of 80 % of the width whole. The drawing is smaller than it would be
 * to be within it.
 */
const maskable = square.replace(
  /(<rect width="32" height="32"[^>]*>)(.*)(<\/svg>)/s,
  '$1<g transform="translate(16 16) scale(.84) translate(-16 -16)">$2</g>$3',
)

for (const [name, drawing, width] of [
  ['icon-192.png', svg, 192],
  ['icon-512.png', svg, 512],
  ['icon-maskable-512.png', maskable, 512],
  ['apple-touch-icon.png', square, 180],
] as const) {
  // As many dots to the inch as give this width, so that lines are drawn sharp.
  const picture = sharp(Buffer.from(drawing), { density: (72 * width) / 32 }).resize(width, width)
  const png = await picture.png({ palette: true, colours: 64, effort: 10 }).toBuffer()
  writeFileSync(new URL(name, folder), png)
  console.log(`${name}: ${png.length} bytes`)
}
