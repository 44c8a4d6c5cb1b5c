import { fileURLToPath } from 'node:url'
import { type Adapter, type Given, type SentFile, succeeded, type Target } from '@tintype/crash-kit'

export const server = (name: string) => fileURLToPath(new URL(`../servers/${name}.mjs`, import.meta.url))

/** As the AWS SDK reads it from the environment. */
export function awsEnv({ s3, directory }: Given): Record<string, string> {
  return {
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: s3.bucket,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    DATABASE: `${directory}/photos.db`,
  }
}

/** What all backends have in common whose rows are in the table of {@link file://../servers/photos.mjs}. */
export const withPhotosTable = {
  env: awsEnv,
  ready: '/photos',
  maxBytes: 10 * 1024 ** 2,
  keys: { database: 'photos.db', sql: 'select key from photos' },
  async list(target) {
    const response = await succeeded(await fetch(`${await target.url()}/photos`))
    return (await response.json()) as { id: string; key: string }[]
  },
  async remove(id, { url, signal }) {
    await succeeded(await fetch(`${await url()}/photos/${id}`, { method: 'DELETE', signal }))
  },
} satisfies Partial<Adapter>

export function formOf({ bytes, type, name }: SentFile, field: string): FormData {
  const form = new FormData()
  form.append(field, new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name)
  return form
}

/** Sends a file as a form, and tells the id in the answer. */
export function sendForm(path: string, method: string, file: SentFile, target: Target, field = 'photo') {
  return sendBody<{ id: string }>(path, method, formOf(file, field), target)
}

/** Sends a form, and returns what the JSON of the answer holds. */
export async function sendBody<T>(
  path: string,
  method: string,
  body: FormData,
  { url, signal, key }: Target,
  more: Record<string, string> = {},
): Promise<T> {
  const headers = { 'Idempotency-Key': key, ...more }
  const response = await fetch(`${await url()}${path}`, { method, body, signal, headers })
  return (await (await succeeded(response)).json()) as T
}

/** Sends JSON, and returns what the answer holds. */
export async function postJson<T>(
  path: string,
  body: unknown,
  { url, signal, key }: Target,
  more: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(`${await url()}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...more },
    body: JSON.stringify(body),
    signal,
  })
  return (await (await succeeded(response)).json()) as T
}

/** Sends the bytes to a signed URL, as a browser does: what S3 answers is no word of the backend. */
export async function putBytes(
  url: string,
  { bytes, type }: SentFile,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'Content-Type': type },
    body: bytes as Uint8Array<ArrayBuffer>,
    signal,
  })
  if (!response.ok) throw new Error(`S3 answered ${response.status}: ${await response.text()}`)
  return response
}
