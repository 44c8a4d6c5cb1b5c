import { S3Error } from '../errors.ts'
import { parseXml, type XmlElement } from '../xml/parse.ts'
import type { Body } from './body.ts'
import { createDigests, type Expected } from './digests.ts'

/** The longest list is a Complete of 10,000 parts with a checksum each: about 2.5 MB. */
const maxLength = 4 * 2 ** 20

/**
 * A small body as text, verified.
 *
 * @throws S3Error MaxMessageLengthExceeded, and what `Body.read` and `createDigests` throw
 */
export async function readText(body: Body, expected: Expected): Promise<string> {
  if ((body.length ?? 0) > maxLength) throw tooLong()
  const digests = createDigests(expected, [])
  const pieces: Buffer[] = []
  let size = 0
  const source = body.read()
  let next = await source.next()
  for (; !next.done; next = await source.next()) {
    size += next.value.length
    if (size > maxLength) throw tooLong()
    digests.update(next.value)
    pieces.push(next.value)
  }
  digests.verify(next.value)
  return Buffer.concat(pieces).toString('utf8')
}

/** The same as XML, whose root element has this name. @throws S3Error MalformedXML */
export async function readXml(body: Body, expected: Expected, root: string): Promise<XmlElement> {
  return parseXml(await readText(body, expected), root)
}

function tooLong(): S3Error {
  return new S3Error('MaxMessageLengthExceeded', undefined, { details: { MaxMessageLengthBytes: maxLength } })
}
