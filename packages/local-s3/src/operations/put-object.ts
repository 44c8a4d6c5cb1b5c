import { readExpected } from '../body/digests.ts'
import { maxObjectSize } from '../body/receive.ts'
import { S3Error } from '../errors.ts'
import { readObjectHeaders } from '../http/object-headers.ts'
import { sendEmpty } from '../http/respond.ts'
import { quoted } from '../xml/build.ts'
import type { Call } from './call.ts'
import { checksumHeaders, checkWrite, writeObject } from './write-object.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(call: Call): Promise<void> {
  const { request, response, body } = call
  const { bucket, key, headers } = request
  demandLength(call)
  const condition = checkWrite(call)
  const object = await writeObject(
    call,
    { bucket, key, headers: readObjectHeaders(headers) },
    body.read(),
    readExpected(headers, body.payload),
    { condition },
  )
  sendEmpty(response, 200, { etag: quoted(object.etag), ...checksumHeaders(object) })
}

/** @throws S3Error MissingContentLength, EntityTooLarge */
export function demandLength({ body: { length } }: Call): void {
  if (length === undefined) throw new S3Error('MissingContentLength')
  if (length > maxObjectSize) {
    throw new S3Error('EntityTooLarge', undefined, {
      details: { ProposedSize: length, MaxSizeAllowed: maxObjectSize },
    })
  }
}
