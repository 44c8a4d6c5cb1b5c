import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Media } from '@tintype/protocol'

declare global {
  namespace Express {
    namespace Multer {
      interface File {
        /** What the file has become, where Multer's storage is `tintype.storage()`. */
        media?: Media
      }
    }
  }
}

/**
 * What Multer asks of a storage engine, described without its types, so that Multer is needed only where it is used.
 * https://github.com/expressjs/multer/blob/main/StorageEngine.md
 */
export interface MulterStorage {
  /** Takes one file; its media is added to Multer's file object. */
  _handleFile(
    req: IncomingMessage,
    file: MulterStream,
    callback: (error?: unknown, info?: object) => void,
  ): void
  /** Removes the media again, since a later part of the form was refused. */
  _removeFile(req: IncomingMessage, file: object, callback: (error: Error | null) => void): void
}

/** What Multer gives its storage of a file. */
export interface MulterStream {
  /** Its bytes. */
  stream: Readable
  /** What the sender calls it. */
  originalname: string
  /** What the sender claims that it is. */
  mimetype?: string
}
