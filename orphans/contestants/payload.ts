import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type Adapter, type SentFile, succeeded, type Target } from '@tintype/crash-kit'
import { awsEnv, formOf, postJson, sendBody } from './photos.ts'

interface Doc {
  id: number
  /** Below the server's address. */
  url: string
}

interface Signed {
  url: string
  headers: Record<string, string>
  filename: string
  clientUploadContext: unknown
}

/** The editor's. https://payloadcms.com/docs/authentication/api-keys */
const API_KEY = randomUUID()
const headers = { Authorization: `users API-Key ${API_KEY}` }

/** The folder of its own that a client upload has, and the name in it. */
const sql = `select coalesce(_objectkey || '/', '') || filename from media`

const payload: Omit<Adapter, 'name' | 'upload' | 'replace'> = {
  command: ['node', fileURLToPath(new URL('../payload/server.mjs', import.meta.url))],
  env: (given) => ({ ...awsEnv(given), API_KEY, CLIENT_UPLOADS: 'yes' }),
  ready: '/api/media',
  maxBytes: 10 * 1024 ** 2,
  keys: { database: 'photos.db', sql },
  async list({ url }) {
    const response = await succeeded(await fetch(`${await url()}/api/media?pagination=false`, { headers }))
    return ((await response.json()) as { docs: Doc[] }).docs.map(({ id }) => ({ id: String(id) }))
  },
  async read(id, { url }) {
    const doc = (await (
      await succeeded(await fetch(`${await url()}/api/media/${id}`, { headers }))
    ).json()) as Doc
    return (await succeeded(await fetch((await url()) + doc.url, { headers }))).bytes()
  },
  async remove(id, { url, signal }) {
    await succeeded(await fetch(`${await url()}/api/media/${id}`, { method: 'DELETE', headers, signal }))
  },
}

/** As its admin panel does: bytes to S3 by a signed URL, then a form that says where they are. */
async function send(file: SentFile, method: string, path: string, target: Target): Promise<Doc> {
  const { name, type, bytes } = file
  const asked = { collectionSlug: 'media', filename: name, filesize: bytes.length, mimeType: type }
  const signed = await postJson<Signed>('/api/storage-s3-generate-signed-url', asked, target, headers)
  const { 'Content-Length': _, ...signedHeaders } = signed.headers
  const put = await fetch(signed.url, {
    method: 'PUT',
    headers: signedHeaders,
    body: new Uint8Array(bytes),
    signal: target.signal,
  })
  if (!put.ok) throw new Error(`S3 answered ${put.status}: ${await put.text()}`)
  const { filename, clientUploadContext } = signed
  const form = new FormData()
  form.append('_payload', '{}')
  form.append(
    'file',
    JSON.stringify({
      clientUploadContext,
      collectionSlug: 'media',
      filename,
      mimeType: type,
      size: bytes.length,
    }),
  )
  return (await sendBody<{ doc: Doc }>(path, method, form, target, headers)).doc
}

export const payloadDirect: Adapter = {
  ...payload,
  name: 'Payload, S3 storage, client uploads',
  upload: async (file, target) => String((await send(file, 'POST', '/api/media', target)).id),
  async replace(id, file, target) {
    await send(file, 'PATCH', `/api/media/${id}`, target)
  },
}

export const payloadForm: Adapter = {
  ...payload,
  name: 'Payload, S3 storage, by form',
  env: (given) => ({ ...awsEnv(given), API_KEY }),
  upload: async (file, target) =>
    String(
      (await sendBody<{ doc: Doc }>('/api/media', 'POST', formOf(file, 'file'), target, headers)).doc.id,
    ),
  async replace(id, file, target) {
    await sendBody(`/api/media/${id}`, 'PATCH', formOf(file, 'file'), target, headers)
  },
}
