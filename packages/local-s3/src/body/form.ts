import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { S3Error } from '../errors.ts'

/** A browser's form, up to its file. */
export interface Form {
  /** By lower-case name; the last of a name wins. */
  fields: Map<string, string>
  file: AsyncIterable<Buffer>
  /** As the browser named it; empty if it did not. */
  fileName: string
}

/** S3 takes 20 KB before the file. */
const maxFields = 20_000

/**
 * Reads `multipart/form-data` up to the field `file`, which is the last one that counts.
 *
 * @throws S3Error MalformedPOSTRequest, InvalidArgument when there is no file, MaxPostPreDataLengthExceeded
 */
export function readForm(raw: IncomingMessage): Promise<Form> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    let size = 0
    const fail = (cause: unknown) => {
      raw.unpipe(parser)
      reject(cause instanceof S3Error ? cause : new S3Error('MalformedPOSTRequest', undefined, { cause }))
    }
    const parser = createParser(raw)
    parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
      size += name.length + value.length
      if (nameTruncated || valueTruncated || size > maxFields)
        fail(new S3Error('MaxPostPreDataLengthExceeded'))
      fields.set(name.toLowerCase(), value)
    })
    parser.on('file', (name, file: Readable, { filename }) => {
      if (name.toLowerCase() !== 'file') {
        file.resume()
        return
      }
      // An error before anybody reads must not bring the process down; the reader gets it again.
      file.on('error', () => {})
      resolve({ fields, file, fileName: filename ?? '' })
    })
    parser.on('error', fail)
    raw.on('aborted', () => parser.destroy(new Error('The connection was closed.')))
    parser.on('close', () => {
      fail(new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.'))
    })
    raw.pipe(parser)
  })
}

function createParser(raw: IncomingMessage) {
  try {
    return busboy({
      headers: raw.headers,
      defParamCharset: 'utf8',
      limits: {
        fieldNameSize: 256,
        fieldSize: maxFields,
        fields: 200,
        files: 2,
        parts: 202,
        headerPairs: 50,
      },
    })
  } catch (cause) {
    throw new S3Error('MalformedPOSTRequest', undefined, { cause })
  }
}
