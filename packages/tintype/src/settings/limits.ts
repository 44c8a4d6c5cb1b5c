import { bytes, whole } from './kinds.ts'
import { defaultMemory, leastMemory } from './memory.ts'
import type { Options } from './read.ts'

/** How much text a form may hold beside its files. */
export const textLimitOptions = {
  fields: {
    kind: whole({ least: 0, most: 10_000 }),
    default: 50,
    about: 'text fields in one form',
  },
  fieldBytes: {
    kind: bytes({ least: 1, most: 64 * 1024 ** 2 }),
    default: 64 * 1024,
    about: 'of one text field',
  },
  fieldNameBytes: {
    kind: bytes({ least: 1, most: 4096 }),
    default: 200,
    about: "of a text field's name",
  },
} as const satisfies Options

/** How much is taken. */
export const limitOptions = {
  imageBytes: {
    kind: bytes({ least: 1 }),
    default: 32 * 1024 ** 2,
    variable: 'MAX_PHOTO_BYTES',
    about: 'of one photo; units are powers of 1,024',
  },
  videoBytes: {
    kind: bytes({ least: 1 }),
    default: 10 * 1024 ** 3,
    variable: 'MAX_VIDEO_BYTES',
    about: 'of one video; large ones are streamed, see [memory.md](memory.md)',
  },
  files: {
    kind: whole({ least: 1, most: 1000 }),
    default: 10,
    variable: 'MAX_FILES',
    about: 'in one request',
  },
  pixels: {
    kind: whole({ least: 1 }),
    default: 100_000_000,
    variable: 'MAX_PIXELS',
    about: 'width times height of one picture',
  },
  frames: {
    kind: whole({ least: 1 }),
    default: 1000,
    variable: 'MAX_FRAMES',
    about: 'of one animated picture',
  },
  ...textLimitOptions,
  memory: {
    kind: bytes({ least: leastMemory }),
    get default() {
      return defaultMemory()
    },
    otherwise: 'a quarter of what there is, at most `512MB`',
    variable: 'MEMORY_BUDGET',
    about:
      'memory that uploads, and the processes that look into them, may take together; see [memory.md](memory.md)',
  },
} as const satisfies Options
