import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
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

/** S3 accepts 20 KB before the file. */
const maxFields = 20_000
/** Milliseconds in which the fields before the file have to arrive: until then the sender is not authenticated. */
const longestFields = 30_000

/**
 * Reads `multipart/form-data` up to the field `file`, which is the last one that counts. Whether a
 * part has a file name does not matter: the field `file` is the file, and all others are text.
 *
 * @throws S3Error MalformedPOSTRequest, InvalidArgument when there is no file, MaxPostPreDataLengthExceeded,
 *   RequestTimeout
 */
export function readForm(raw: IncomingMessage): Promise<Form> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    const named: Promise<void>[] = []
    let size = 0
    /** Fields after the file are ignored, however the bytes were split on the way. */
    let hasFile = false
    const parser = createParser(raw)
    const tooSlow = setTimeout(() => fail(new S3Error('RequestTimeout')), longestFields)

    function fail(cause: unknown): void {
      clearTimeout(tooSlow)
      raw.unpipe(parser)
      reject(cause instanceof S3Error ? cause : new S3Error('MalformedPOSTRequest', undefined, { cause }))
    }
    function add(name: string, value: Buffer): void {
      size += name.length + value.length
      if (size > maxFields) throw new S3Error('MaxPostPreDataLengthExceeded')
      fields.set(name.toLowerCase(), value.toString())
    }
    function finish(file: AsyncIterable<Buffer>, fileName: string): void {
      hasFile = true
      clearTimeout(tooSlow)
      Promise.all(named).then(() => resolve({ fields, file, fileName }), fail)
    }

    parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
      if (hasFile) return
      const bytes = Buffer.from(value, 'latin1')
      if (nameTruncated || valueTruncated) fail(new S3Error('MaxPostPreDataLengthExceeded'))
      else if (isFile(name)) finish(Readable.from([bytes]), '')
      else named.push(Promise.resolve().then(() => add(name, bytes)))
    })
    parser.on('file', (name, file: Readable, { filename }) => {
      // An error before the file is read must not crash the process; the reader gets it again.
      file.on('error', () => {})
      if (hasFile) file.resume()
      else if (isFile(name)) finish(file, filename ?? '')
      else named.push(readField(file).then((value) => add(name, value)))
    })
    parser.on('error', fail)
    // Above its limits the parser drops fields silently, for example fields that the policy doesn't name.
    for (const event of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const) {
      parser.on(event, () => {
        if (!hasFile) fail(new S3Error('MaxPostPreDataLengthExceeded'))
      })
    }
    parser.on('close', () => {
      fail(new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.'))
    })
    raw.on('close', () => {
      if (!raw.complete) parser.destroy(new Error('The connection was closed.'))
    })
    raw.pipe(parser)
  })
}

function isFile(name: string): boolean {
  return name.toLowerCase() === 'file'
}

function readField(file: Readable): Promise<Buffer> {
  let size = 0
  return buffer(
    file.map((bytes: Buffer) => {
      size += bytes.length
      if (size > maxFields) throw new S3Error('MaxPostPreDataLengthExceeded')
      return bytes
    }),
  )
}

function createParser(raw: IncomingMessage) {
  try {
    return busboy({
      headers: raw.headers,
      // Raw bytes: otherwise a file in a part without a name would be damaged.
      defCharset: 'latin1',
      defParamCharset: 'utf8',
      limits: {
        fieldNameSize: 256,
        fieldSize: maxFields,
        fields: 200,
        files: 200,
        parts: 200,
        headerPairs: 50,
      },
    })
  } catch (cause) {
    throw new S3Error('MalformedPOSTRequest', undefined, { cause })
  }
}
