import { createHash, createHmac } from 'node:crypto'

/** The few requests that the kit itself makes to S3, past the proxy. */
export interface S3Client {
  objects(): Promise<{ key: string; bytes: number }[]>
  /** Open multipart uploads. */
  uploads(): Promise<{ key: string; id: string }[]>
  /** Undefined: there is none. */
  read(key: string): Promise<Buffer | undefined>
  put(key: string, body: string): Promise<void>
  beginUpload(key: string): Promise<void>
}

export interface S3ClientOptions {
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
}

export function createS3Client(options: S3ClientOptions): S3Client {
  const { endpoint, bucket } = options

  async function send(
    method: string,
    key: string,
    query: [string, string][] = [],
    body = '',
  ): Promise<Response> {
    const path = `/${bucket}${key === '' ? '' : `/${key.split('/').map(encode).join('/')}`}`
    const search = query
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&')
    const headers = sign({ ...options, method, path, search, body })
    return fetch(`${endpoint}${path}?${search}`, { method, headers, ...(body && { body }) })
  }

  /** The elements of this name in all pages of a listing. */
  async function list(
    element: string,
    query: [string, string][],
    next: [string, string][],
  ): Promise<string[]> {
    const found: string[] = []
    for (let more: [string, string][] = []; ; ) {
      const xml = await (await send('GET', '', [...query, ['encoding-type', 'url'], ...more])).text()
      found.push(
        ...[...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, one = '']) => one),
      )
      if (textOf(xml, 'IsTruncated') !== 'true') return found
      more = next.map(([answer, asked]) => [asked, textOf(xml, answer)])
    }
  }

  return {
    async objects() {
      const found = await list(
        'Contents',
        [['list-type', '2']],
        [['NextContinuationToken', 'continuation-token']],
      )
      return found.map((xml) => ({ key: keyOf(xml), bytes: Number(textOf(xml, 'Size')) }))
    },
    async uploads() {
      const next: [string, string][] = [
        ['NextKeyMarker', 'key-marker'],
        ['NextUploadIdMarker', 'upload-id-marker'],
      ]
      const found = await list('Upload', [['uploads', '']], next)
      return found.map((xml) => ({ key: keyOf(xml), id: textOf(xml, 'UploadId') }))
    },
    async read(key) {
      const response = await send('GET', key)
      const bytes = Buffer.from(await response.arrayBuffer())
      return response.ok ? bytes : undefined
    },
    async put(key, body) {
      await send('PUT', key, [], body)
    },
    async beginUpload(key) {
      await send('POST', key, [['uploads', '']])
    },
  }
}

const textOf = (xml: string, name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? ''
const keyOf = (xml: string) => decodeURIComponent(textOf(xml, 'Key').replaceAll('+', ' '))
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

interface Unsigned extends S3ClientOptions {
  method: string
  path: string
  search: string
  body: string
}

/** Signature Version 4. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function sign(request: Unsigned): Record<string, string> {
  const { endpoint, accessKeyId, secretAccessKey, method, path, search, body } = request
  const time = new Date().toISOString().replace(/[:-]|\.\d+/g, '')
  const date = time.slice(0, 8)
  const hash = sha256(body)
  const names = 'host;x-amz-content-sha256;x-amz-date'
  const headers = `host:${new URL(endpoint).host}\nx-amz-content-sha256:${hash}\nx-amz-date:${time}\n`
  const scope = `${date}/${region}/s3/aws4_request`
  const canonical = [method, path, search, headers, names, hash].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex')
  const credential = `${accessKeyId}/${scope}`
  return {
    'x-amz-date': time,
    'x-amz-content-sha256': hash,
    Authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

export const region = 'us-east-1'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
