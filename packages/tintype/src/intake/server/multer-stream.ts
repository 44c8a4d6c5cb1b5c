import type { Readable } from 'node:stream'
import { TintypeError } from '../../errors.ts'
import { clientGone } from '../../memory/client-signal.ts'
import { nameFromMulter } from './multer-name.ts'
import type { StreamedSource } from './source.ts'

/** The stream that Multer hands to a storage engine. It goes on, or ends, with its request. @param most bytes of what is left of it */
export function fromMulter(
  { stream, originalname, mimetype }: { stream: Readable; originalname: string; mimetype?: string },
  most: number | undefined,
): StreamedSource {
  return {
    size: undefined,
    most,
    type: mimetype?.toLowerCase(),
    rawName: nameFromMulter(originalname),
    open: () => stream,
    close() {},
    brokenOff: clientGone,
    demandWhole() {
      // Multer cuts at its own fileSize limit and then ends the stream as if the file were whole.
      if ('truncated' in stream && stream.truncated)
        throw new TintypeError('too_large', "The file is larger than Multer's fileSize limit.")
    },
  }
}
