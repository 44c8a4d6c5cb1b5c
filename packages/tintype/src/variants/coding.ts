/** What a decoder other than sharp's has to be told. */
export interface Coding {
  decoder: 'libheif' | 'jxl'
  /** Where in the file its ICC profile is, which that decoder does not apply. */
  profile?: { start: number; end: number } | undefined
  /** Its tiles, where they can be decoded one by one. */
  tiling?: Tiling | undefined
}

/** How a picture is put together of tiles of one size. */
export interface Tiling {
  /** Pixels of the whole picture, before it is turned. */
  width: number
  height: number
  /** Pixels of each tile: those of the last row and column may stand out. */
  tile: { width: number; height: number }
  columns: number
  /** Numbers of the tiles' items, row by row. */
  items: number[]
  /** What is done to the whole picture, in this order: a turn by so many degrees, clockwise, or a mirror. */
  turns: (90 | 180 | 270 | 'flip' | 'flop')[]
}
