import { TintypeError } from '../../errors.ts'
import type { Incoming } from '../../memory/body.ts'
import { chunkMemory } from '../../memory/chunk-memory.ts'
import { clientGone } from '../../memory/client-signal.ts'
import { contentTypeOf } from '../form/content-type.ts'
import type { StreamedSource } from '../server/source.ts'

/**
 * Whether the file is the body itself: what says that it is a picture, a video, or nothing at all (`curl -T`, a Blob without
 * a type). The bytes decide later.
 *
 * @throws {TintypeError} `unsupported_body` for a Content-Encoding, `malformed_request`
 */
export function isFileItself(incoming: Pick<Incoming, 'headers'>): boolean {
  const { type } = contentTypeOf(incoming)
  return type === '' || /^(image|video)\/|^(application|binary)\/octet-stream$/.test(type)
}

/**
 * Way in: a file that is the body of a request, as `curl -T`, Shortcuts on phones and `fetch` with a Blob send it. It comes
 * into memory, or through it to S3, as one of a form does.
 *
 * @throws {TintypeError} `unsupported_body` where another parser has read it, `invalid_parameter` for a part of a file
 */
export function sourceOfBody(incoming: Incoming, rawName: string | undefined): StreamedSource {
  if (incoming.wasRead) {
    throw new TintypeError(
      'unsupported_body',
      'The body was read by another parser before Tintype came to it. Mount Tintype before that parser.',
    )
  }
  const { 'content-length': length, 'content-range': range } = incoming.headers
  // RFC 9110 section 14.5: a part of a file must not be taken for all of it.
  if (range !== undefined) {
    const detail = 'Content-Range is not spoken here: send the whole file, or begin a resumable upload.'
    throw new TintypeError('invalid_parameter', detail)
  }
  return {
    size: length === undefined ? undefined : Number(length),
    rawName,
    type: contentTypeOf(incoming).type,
    open() {
      incoming.accept()
      return incoming.body
    },
    chunks: chunkMemory,
    brokenOff: clientGone,
    // What is left unread is the door's.
    close() {},
  }
}
