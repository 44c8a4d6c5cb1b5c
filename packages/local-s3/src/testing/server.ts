/** A server in a directory of its own, an SDK client, and a way to send it what no SDK would. */
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type Identity, type LocalS3Options, type PolicyDocument, startLocalS3 } from '../index.ts'
import { type Credentials, sha256, signHeaders, type Unsigned } from './sign.ts'

export const Bucket = 'bucket'

/** May do everything. Access keys may hold slashes and colons. */
export const root: Credentials = { accessKeyId: 'ROOT/KEY:1', secretAccessKey: 'root/secret+=' }

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  /** Of an error. */
  code: string | undefined
}

/** What to send; the rest is filled in. */
export type Sent = Partial<Omit<Unsigned, 'credentials'>> & {
  body?: Buffer | string
  credentials?: Credentials
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>

/** @param policies further identities by name; name, access key and secret are the same */
export async function startTestServer(
  options: Partial<LocalS3Options> & { policies?: Record<string, PolicyDocument> } = {},
) {
  const { policies = {}, ...rest } = options
  const directory = rest.directory ?? (await mkdtemp(join(tmpdir(), 'local-s3-')))
  const limited = Object.entries(policies).map(
    ([name, policy]): Identity => ({ name, accessKeyId: name, secretAccessKey: name, policy }),
  )
  const start = (port = 0) =>
    startLocalS3({ directory, identities: [root, ...limited], buckets: [Bucket], ...rest, port })
  let s3 = await start()
  const host = `127.0.0.1:${s3.port}`
  const clients: S3Client[] = []

  function clientFor(config: S3ClientConfig = {}): S3Client {
    const client = new S3Client({
      endpoint: s3.url,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: root,
      maxAttempts: 1,
      // The SDK warns of streams without a length, which are among what is tried here.
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      ...config,
    })
    clients.push(client)
    return client
  }

  return {
    directory,
    host,
    url: s3.url,
    client: clientFor(),
    /** Sends and checks only such checksums as it must. */
    plain: clientFor({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    clientFor,
    as: (name: string) => clientFor({ credentials: { accessKeyId: name, secretAccessKey: name } }),

    /** Sends exactly these headers and this body. */
    async send({ method = 'GET', path = '/', query, headers = {}, body }: Sent): Promise<Answer> {
      const request = httpRequest({
        host: '127.0.0.1',
        port: s3.port,
        method,
        path: query === undefined ? path : `${path}?${query}`,
        headers: { host, connection: 'close', ...headers },
      })
      request.end(body ?? '')
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      const answer = await text(response)
      const code = /<Code>(\w+)<\/Code>/.exec(answer)?.[1]
      return { status: response.statusCode ?? 0, headers: response.headers, text: answer, code }
    },

    /** The same, signed in the headers with the SHA-256 of the body, unless the hash is told. */
    async signed(sent: Sent, payloadHash = sha256(sent.body ?? '')): Promise<Answer> {
      return this.send({ ...sent, headers: signHeaders(this.unsigned(sent), payloadHash).headers })
    },

    unsigned: ({ method = 'GET', path = '/', headers, credentials = root, ...more }: Sent): Unsigned => ({
      ...more,
      method,
      path,
      credentials,
      headers: { host, ...headers },
    }),

    /** Closes and starts again on the same directory and port. */
    async restart(between = () => {}): Promise<void> {
      const { port } = s3
      await s3.close()
      between()
      s3 = await start(port)
    },

    async close(): Promise<void> {
      for (const client of clients) client.destroy()
      await s3.close()
      if (rest.directory === undefined) await rm(directory, { recursive: true })
    },
  }
}

/** Names of the files that hold bytes. */
export async function blobFiles(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? entry.name : [])).toSorted()
}

/** For `assert.rejects` of an SDK call: the code and the status of S3's. */
export function refusal(code: string, status: number) {
  return (error: Error & { $metadata?: { httpStatusCode?: number } }): boolean => {
    const actual = `${error.name} ${error.$metadata?.httpStatusCode}`
    if (actual !== `${code} ${status}`)
      throw new Error(`expected ${code} ${status}, got ${actual}: ${error.message}`, { cause: error })
    return true
  }
}
