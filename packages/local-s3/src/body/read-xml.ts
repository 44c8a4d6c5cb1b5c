import { setImmediate as nextTurn } from 'node:timers/promises'
import { S3Error } from '../errors.ts'
import { createXmlReader, type XmlElement } from '../xml/parse.ts'
import type { Body } from './body.ts'
import { createDigests, type Expected } from './digests.ts'

/** The longest list is a Complete of 10,000 parts with a checksum each: about 2.5 MB. */
const longestList = 4 * 2 ** 20
/** S3 accepts 20 KB of policy and 64 KB of CORS, and a thousand lifecycle rules. */
const longestConfiguration = 2 ** 20
/** Parsed between two turns of the event loop: a millisecond or two. */
const slice = 64 * 1024

/**
 * A small body as text, verified.
 *
 * @throws S3Error MaxMessageLengthExceeded, MalformedXML when it is not UTF-8, and what `Body.read` and
 *   `createDigests` throw
 */
export async function readText(
  body: Body,
  expected: Expected,
  maxLength = longestConfiguration,
): Promise<string> {
  if ((body.length ?? 0) > maxLength) throw tooLong(maxLength)
  const digests = createDigests(expected, [])
  const pieces: Buffer[] = []
  let size = 0
  const source = body.read()
  let next = await source.next()
  for (; !next.done; next = await source.next()) {
    size += next.value.length
    if (size > maxLength) throw tooLong(maxLength)
    digests.update(next.value)
    pieces.push(next.value)
  }
  digests.verify(next.value)
  try {
    return utf8.decode(Buffer.concat(pieces))
  } catch (cause) {
    // A replacement character would make it the key of another object.
    throw new S3Error('MalformedXML', undefined, { cause })
  }
}

/** The same as XML, whose root element has this name; a list may be long. @throws S3Error MalformedXML */
export async function readXml(body: Body, expected: Expected, root: string): Promise<XmlElement> {
  const text = await readText(body, expected, longestList)
  const reader = createXmlReader(root)
  for (let at = 0; at < text.length; at += slice) {
    if (at > 0) await nextTurn()
    reader.push(text.slice(at, at + slice))
  }
  return reader.finish()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function tooLong(maxLength: number): S3Error {
  return new S3Error('MaxMessageLengthExceeded', undefined, { details: { MaxMessageLengthBytes: maxLength } })
}
