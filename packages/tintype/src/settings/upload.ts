import { flag } from './kinds.ts'
import { limitOptions } from './limits.ts'
import type { Options } from './read.ts'

/** The options of `tintype.upload(field, options)`. */
export const uploadOptions = {
  maxFiles: { kind: limitOptions.files.kind, otherwise: '`limits.files`', about: 'files in one request' },
  required: { kind: flag, default: true, about: 'whether a form without a file is refused' },
} as const satisfies Options
