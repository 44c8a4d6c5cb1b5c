import { type Adapter, Refused, type SentFile, succeeded, type Target } from '@tintype/crash-kit'
import { postJson, putBytes, server, withPhotosTable } from './photos.ts'

/** Tells the app about a file that is in S3, as its form does when it is sent. */
async function sendRow(key: string, { name, type }: SentFile, target: Target): Promise<string> {
  return (await postJson<{ id: string }>('/photos', { key, name, type }, target)).id
}

export const betterUpload: Adapter = {
  ...withPhotosTable,
  name: 'better-upload, a row',
  command: ['node', server('better-upload')],
  async upload(file, target) {
    const { name, type, bytes } = file
    const asked = { route: 'photo', files: [{ name, type, size: bytes.length }] }
    const { files } = await postJson<{ files: [Signed] }>('/upload', asked, target)
    await putBytes(files[0].signedUrl, file, target.signal)
    return sendRow(files[0].file.objectInfo.key, file, target)
  },
}

interface Signed {
  signedUrl: string
  file: { objectInfo: { key: string } }
}

export const filesSdk: Adapter = {
  ...withPhotosTable,
  name: 'files-sdk, a row',
  command: ['node', server('files-sdk')],
  async upload(file, target) {
    const { createFilesClient } = await filesClient()
    const client = createFilesClient({ endpoint: `${await target.url()}/api/files` })
    const { name, type, bytes } = file
    const sent = new File([bytes as Uint8Array<ArrayBuffer>], name, { type })
    const { key } = await client.upload(sent, { signal: target.signal }).catch(toRefused)
    return sendRow(key, file, target)
  },
}

/** Its own client: installed only for a run, so that the compiler knows it by what is used of it here. */
function filesClient(): Promise<FilesClient> {
  const name = 'files-sdk/client'
  return import(name)
}

interface FilesClient {
  createFilesClient(options: { endpoint: string }): {
    upload(file: File, options: { signal: AbortSignal }): Promise<{ key: string }>
  }
}

/** Its errors say what is of no use to repeat. */
function toRefused(error: Error & { permanent?: boolean }): never {
  throw error.permanent ? new Refused(400, error.message) : error
}

export const companion: Adapter = {
  ...withPhotosTable,
  name: 'Uppy Companion, a row',
  command: ['node', server('companion')],
  async upload(file, target) {
    const { name, type, bytes } = file
    const query = new URLSearchParams({ filename: name, type })
    const asked = await fetch(`${await target.url()}/companion/s3/params?${query}`, { signal: target.signal })
    const { url, fields } = (await (await succeeded(asked)).json()) as Policy
    const form = new FormData()
    for (const [field, value] of Object.entries(fields)) form.append(field, value)
    form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name)
    const posted = await fetch(url, { method: 'POST', body: form, signal: target.signal })
    if (!posted.ok) throw new Error(`S3 answered ${posted.status}: ${await posted.text()}`)
    await posted.bytes()
    return sendRow(fields.key, file, target)
  },
}

/** By which a browser may post a form to S3. */
interface Policy {
  url: string
  fields: { key: string; [field: string]: string }
}
