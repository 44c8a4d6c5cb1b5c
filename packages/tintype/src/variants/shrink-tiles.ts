import type { Tiling } from './coding.ts'
import type { Pixels } from './shrink.ts'

/** Sums of more pixels than this are rounded no better. */
const mostFactor = 16

/** By which whole number a picture may be divided, and still be large enough to be scaled like this. */
export function shrinkFactor(scale: number): number {
  return Math.min(mostFactor, Math.max(1, Math.floor(1 / scale + 1e-9)))
}

/** The size that comes out. */
export function shrunkSize({ width, height }: { width: number; height: number }, factor: number) {
  return { width: Math.ceil(width / factor), height: Math.ceil(height / factor) }
}

/**
 * Decodes the tiles one after the other and puts them together, made smaller by a whole number while they come: each pixel
 * is the mean of those that it stands for. So no more than one tile is there at full size.
 *
 * @param decode one tile, whose pixels may be overwritten by the next
 * @throws where a tile has another size than was said
 */
export function shrinkTiles(tiling: Tiling, factor: number, decode: (item: number) => Pixels): Pixels {
  const { width, height, tile, columns, items } = tiling
  const size = shrunkSize(tiling, factor)
  const row = size.width * 3
  const data = new Uint8Array(row * size.height)
  // Of the rows of the smaller picture that one row of tiles touches.
  const sums = new Uint32Array(row * (Math.ceil(tile.height / factor) + 1))
  let done = 0
  for (let top = 0, at = 0; top < height; top += tile.height) {
    const bottom = Math.min(top + tile.height, height)
    for (let left = 0, column = 0; column < columns; column++, left += tile.width) {
      const pixels = decode(items[at++] as number)
      if (pixels.width !== tile.width || pixels.height !== tile.height)
        throw new Error('A tile has another size than the others.')
      const part = { left, top, right: Math.min(left + tile.width, width), bottom }
      if (factor === 1) copy(pixels, part, data, row)
      else add(pixels, part, { sums, row, first: done, factor })
    }
    if (factor === 1) continue
    const end = bottom === height ? size.height : Math.floor(bottom / factor)
    for (let y = done; y < end; y++) {
      const tall = Math.min(factor, height - y * factor)
      for (let x = 0; x < size.width; x++) {
        const count = tall * Math.min(factor, width - x * factor)
        const from = (y - done) * row + x * 3
        const to = y * row + x * 3
        for (let i = 0; i < 3; i++) data[to + i] = Math.round((sums[from + i] as number) / count)
      }
    }
    // The last one may go on in the next row of tiles.
    sums.copyWithin(0, (end - done) * row)
    sums.fill(0, sums.length - (end - done) * row)
    done = end
  }
  return { data, ...size, channels: 3 }
}

interface Part {
  left: number
  top: number
  right: number
  bottom: number
}

function copy(tile: Pixels, { left, top, right, bottom }: Part, data: Uint8Array, row: number): void {
  for (let y = top; y < bottom; y++) {
    const from = (y - top) * tile.width * 3
    data.set(tile.data.subarray(from, from + (right - left) * 3), y * row + left * 3)
  }
}

function add(
  tile: Pixels,
  { left, top, right, bottom }: Part,
  { sums, row, first, factor }: { sums: Uint32Array; row: number; first: number; factor: number },
): void {
  const { data } = tile
  for (let y = top; y < bottom; y++) {
    let from = (y - top) * tile.width * 3
    const start = (Math.floor(y / factor) - first) * row
    for (let x = left; x < right; ) {
      const end = Math.min(right, (Math.floor(x / factor) + 1) * factor)
      let [red, green, blue] = [0, 0, 0]
      const to = start + Math.floor(x / factor) * 3
      for (; x < end; x++, from += 3) {
        red += data[from] as number
        green += data[from + 1] as number
        blue += data[from + 2] as number
      }
      sums[to] = (sums[to] as number) + red
      sums[to + 1] = (sums[to + 1] as number) + green
      sums[to + 2] = (sums[to + 2] as number) + blue
    }
  }
}
