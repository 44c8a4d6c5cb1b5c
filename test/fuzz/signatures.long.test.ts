/** Our signatures are the AWS SDK's to the letter, and local-s3 takes them, whatever is in keys, queries and headers. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import fc from 'fast-check'
import { authenticate } from '../../packages/local-s3/src/auth/authenticate.ts'
import { readRequest } from '../../packages/local-s3/src/http/request.ts'
import { createHeaderSigner, createQuerySigner, type Method } from '../../packages/tintype/src/bucket/sign.ts'
import { fuzz } from '../support/fuzz.ts'

const odd = '/?#&=+%~*\'()!$,;:@[]{}|\\^`"<> .-_äñ€\u{1F4F7}\u200B\n\t\0'
const character = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)
/** Also `//`, `.` and `..` as segments: S3 takes a key as it is. */
const key = fc
  .array(fc.oneof(character, fc.constantFrom('/./', '/../', '//', '%2F', '%')), {
    minLength: 1,
    maxLength: 20,
  })
  .map((parts) => parts.join(''))
const text = fc.array(character, { minLength: 1, maxLength: 20 }).map((parts) => parts.join(''))
/** Of a header: printable ASCII, with single and several spaces within. */
const value = fc
  .array(
    fc.oneof(
      fc.constantFrom(' ', '  ', ','),
      fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((characters) => characters.join('').trim())
  .filter((one) => one !== '')
const place = fc.record({
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'eusc-de-east-1'),
  endpoint: fc.constantFrom(undefined, 'http://localhost:9000', 'https://s3.test/below/it/'),
  secretAccessKey: fc.string({ minLength: 1, maxLength: 40 }),
  accessKeyId: fc.constantFrom('AKIAIOSFODNN7EXAMPLE', 'a/b:c'),
  time: fc
    .integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) })
    .map((ms) => Math.floor(ms / 1000) * 1000),
})
type Place = typeof place extends fc.Arbitrary<infer T> ? T : never
const bucket = 'photos'

const signerOptions = ({ region, endpoint, accessKeyId, secretAccessKey }: Place) => ({
  bucket,
  region,
  endpoint,
  credentials: async () => ({ accessKeyId, secretAccessKey }),
})

function sdk({ region, endpoint, accessKeyId, secretAccessKey }: Place, requestHandler?: object): S3Client {
  return new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(requestHandler === undefined ? {} : { requestHandler: requestHandler as never }),
  })
}

/** Throws unless local-s3 takes the request. */
function verify(
  { region, accessKeyId, secretAccessKey, time }: Place,
  { method, target, headers }: { method: Method; target: string; headers: Record<string, string> },
): void {
  const raw = {
    method,
    url: target,
    rawHeaders: Object.entries(headers).flat(),
  } as unknown as IncomingMessage
  const identities = new Map([[accessKeyId, { accessKeyId, secretAccessKey }]])
  authenticate(readRequest(raw, ''), { identities, region, now: () => time })
}

/** In parts whose order does not matter; never through URL, which would normalise the path. */
const parts = (url: string) => {
  const mark = url.indexOf('?')
  return [
    url.slice(0, mark),
    ...url
      .slice(mark + 1)
      .split('&')
      .sort(),
  ]
}

describe('signatures', () => {
  test('in the query of a GET are those of the SDK, and hold', async () => {
    const property = fc.asyncProperty(place, key, text, text, async (where, key, disposition, type) => {
      const ours = await createQuerySigner(signerOptions(where)).sign({
        method: 'GET',
        key,
        query: {
          'response-content-disposition': disposition,
          'response-content-type': type,
          'x-id': 'GetObject',
        },
        time: where.time,
        seconds: 60,
      })
      const input: GetObjectCommandInput = {
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: disposition,
        ResponseContentType: type,
      }
      const client = sdk(where)
      const theirs = await getSignedUrl(client, new GetObjectCommand(input), {
        expiresIn: 60,
        signingDate: new Date(where.time),
      })
      client.destroy()
      assert.deepEqual(parts(ours), parts(theirs))
      const { host, target } = split(ours)
      verify(where, { method: 'GET', target, headers: { host } })
    })
    await fc.assert(property, fuzz(150))
  })

  test('in the query of a PUT with signed headers are those of the SDK, and hold', async () => {
    const property = fc.asyncProperty(place, key, value, value, async (where, key, type, keyId) => {
      const headers = {
        'content-length': '5',
        'content-type': type,
        'if-none-match': '*',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': keyId,
      }
      const ours = await createQuerySigner(signerOptions(where)).sign({
        method: 'PUT',
        key,
        query: { 'x-id': 'PutObject' },
        headers,
        time: where.time,
        seconds: 900,
      })
      const input: PutObjectCommandInput = {
        Bucket: bucket,
        Key: key,
        ContentLength: 5,
        ContentType: type,
        IfNoneMatch: '*',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: keyId,
      }
      const client = sdk(where)
      const theirs = await getSignedUrl(client, new PutObjectCommand(input), {
        expiresIn: 900,
        signingDate: new Date(where.time),
        signableHeaders: new Set(['content-type']),
        unhoistableHeaders: new Set(Object.keys(headers)),
      })
      client.destroy()
      assert.deepEqual(parts(ours), parts(theirs))
      const { host, target } = split(ours)
      verify(where, { method: 'PUT', target, headers: { ...headers, host } })
    })
    await fc.assert(property, fuzz(150))
  })

  test('in the headers are those of the SDK, and hold', async () => {
    const property = fc.asyncProperty(place, key, value, value, async (where, key, type, note) => {
      const theirs = await requestOfTheSdk(where, {
        Bucket: bucket,
        Key: key,
        Body: 'hello',
        ContentType: type,
        Metadata: { note },
      })
      const { authorization = '', host: _, ...others } = theirs.headers
      const names = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? []
      const time = Date.parse(
        (theirs.headers['x-amz-date'] as string).replace(/(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5'),
      )
      const ours = await createHeaderSigner(signerOptions(where)).sign({
        method: 'PUT',
        key,
        query: theirs.query,
        headers: Object.fromEntries(Object.entries(others).filter(([name]) => names.includes(name))),
        payload: theirs.headers['x-amz-content-sha256'] as string,
        time,
      })
      assert.equal(ours.headers.authorization, authorization)
      assert.equal(ours.path.replace(/\?.*/s, ''), theirs.path)
      verify({ ...where, time }, { method: 'PUT', target: ours.path, headers: ours.headers })
    })
    await fc.assert(property, fuzz(150))
  })
})

function split(url: string): { host: string; target: string } {
  const [, host = '', target = ''] = /^https?:\/\/([^/]+)(.*)$/s.exec(url) ?? []
  return { host, target }
}

interface SdkRequest {
  path: string
  query: Record<string, string>
  headers: Record<string, string>
}

/** Signed, and not sent. */
async function requestOfTheSdk(where: Place, input: PutObjectCommandInput): Promise<SdkRequest> {
  const { promise, resolve } = Promise.withResolvers<SdkRequest>()
  const client = sdk(where, {
    handle: async (request: SdkRequest) => {
      resolve(request)
      throw new Error('Nothing is sent.')
    },
  })
  await assert.rejects(client.send(new PutObjectCommand(input)), /Nothing is sent/)
  client.destroy()
  return promise
}
