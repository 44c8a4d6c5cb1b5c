import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface ListedObject {
  key: string
  bytes: number
  /** When it was written, milliseconds since the epoch, by S3's clock. */
  modified: number
}

/**
 * Takes the objects out of an answer to ListObjectsV2 before the SDK reads it. The SDK's reader of XML works for any
 * operation, at twice the time and several times the memory of this: with a million keys the difference is a minute
 * and 150 MB. Everything else of the answer, errors included, is still the SDK's to read.
 *
 * @example const objects = takeObjects(command); await client.send(command); objects()
 */
export function takeObjects(command: {
  middlewareStack: { add(middleware: never, options: never): void }
}): () => ListedObject[] {
  let objects: ListedObject[] = []
  const middleware =
    (next: (args: unknown) => Promise<{ response: { statusCode: number; body: Readable } }>) =>
    async (args: unknown) => {
      const answer = await next(args)
      const { response } = answer
      if (response.statusCode === 200) {
        const xml = await text(response.body)
        objects = readObjects(xml)
        response.body = Readable.from([Buffer.from(xml.replace(contents, ''))])
      }
      return answer
    }
  command.middlewareStack.add(middleware as never, { step: 'deserialize', priority: 'low' } as never)
  return () => objects
}

const contents = /<Contents>.*?<\/Contents>/gs

/**
 * The objects in the XML of a ListObjectsV2 with `encoding-type=url`, in their order.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_ResponseSyntax
 * @throws Error when it is no such thing
 */
export function readObjects(xml: string): ListedObject[] {
  if (!xml.includes('<ListBucketResult')) throw new Error('S3 answered a listing with something else.')
  const encoded = xml.includes('<EncodingType>url</EncodingType>')
  return Array.from(xml.matchAll(contents), ([entry]) => {
    const key = unescapeXml(field(entry, 'Key'))
    return {
      key: encoded ? decodeKey(key) : key,
      bytes: Number(field(entry, 'Size')),
      modified: Date.parse(field(entry, 'LastModified')),
    }
  })
}

/** S3 writes a space as a plus sign, and a plus sign as %2B. */
export function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

function field(entry: string, name: string): string {
  const start = entry.indexOf(`<${name}>`) + name.length + 2
  const end = entry.indexOf(`</${name}>`, start)
  if (start < name.length + 2 || end <= start) throw new Error(`S3 listed an object without its ${name}.`)
  return entry.slice(start, end)
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(value: string): string {
  if (!value.includes('&')) return value
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? whole
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
  })
}
