import type { Box } from '../metadata/boxes.ts'
import type { HeifItems } from './heif-items.ts'
import { type Measure, sizeOf } from './heif-pixels.ts'
import type { Tiling } from './verdict.ts'

/**
 * The tiles of the primary picture, where each of them can be decoded by itself and be put in its place: as phones write
 * them. Decoding one after the other takes a twentieth of the memory that the whole picture takes.
 *
 * @returns undefined where they have alpha, different sizes, or turns of their own
 */
export function tilingOf(
  bytes: Buffer,
  items: HeifItems,
  { grid, leaves }: Pick<Measure, 'grid' | 'leaves'>,
): Tiling | undefined {
  if (!grid) return undefined
  const { width, height, columns, rows } = grid
  const all = items.references.find(({ type, from }) => type === 'dimg' && from === items.primary)?.to ?? []
  const tiles = all.slice(0, rows * columns)
  const isTile = new Set(tiles)
  const [first] = tiles
  const tile = first === undefined ? undefined : sizeOf(bytes, items.propertiesOf(first))
  const turns = turnsIn(bytes, items.propertiesOf(items.primary))
  if (!tile || !turns || !leaves.every((leaf) => isTile.has(leaf))) return undefined
  const isOfOneSize = tiles.every((item) => {
    const properties = items.propertiesOf(item)
    const size = sizeOf(bytes, properties)
    const isPlain = items.items.get(item)?.type === 'hvc1' && turnsIn(bytes, properties)?.length === 0
    return isPlain && size?.width === tile.width && size.height === tile.height
  })
  const isCovered = isNeeded(columns, tile.width, width) && isNeeded(rows, tile.height, height)
  return isOfOneSize && isCovered ? { width, height, tile, columns, items: tiles, turns } : undefined
}

/** Whether so many tiles cover this length, and none of them lies outside. */
function isNeeded(count: number, side: number, length: number): boolean {
  return count * side >= length && (count - 1) * side < length
}

/** In the order in which they are applied. @returns undefined where the picture is cropped as well */
function turnsIn(bytes: Buffer, properties: readonly Box[]): Tiling['turns'] | undefined {
  const turns: Tiling['turns'] = []
  for (const { type, start } of properties) {
    if (type === 'clap') return undefined
    // Counter-clockwise, and the axis of the mirror: 0 is the horizontal one.
    const value = type === 'irot' || type === 'imir' ? bytes.readUInt8(start) : 0
    if (type === 'irot' && value % 4 !== 0) turns.push((360 - (value % 4) * 90) as 90 | 180 | 270)
    if (type === 'imir') turns.push((value & 1) === 0 ? 'flip' : 'flop')
  }
  return turns
}
