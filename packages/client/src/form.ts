import { type Media, fields as names, type ScanningUploads, uploadRoutes } from '@tintype/protocol'
import { createUploadApi } from './api.ts'
import type { ConcurrencyLimiter } from './concurrency.ts'
import { failure, readAnswer } from './json.ts'
import { type ScanOptions, scannedForm } from './scan.ts'
import { sendFile } from './send-file.ts'
import type { Credentials, RequestHeaders } from './transport.ts'

export interface FormUpload extends ScanOptions {
  endpoint: string
  idempotencyKey: string
  caption?: string | undefined
  fields?: Record<string, string> | undefined
  headers?: RequestHeaders | undefined
  credentials?: Credentials | undefined
  limiter: ConcurrencyLimiter
  /** Bytes of the file, not of the form around it. */
  onSent: (sent: number) => void
}

/**
 * One attempt to send a file as `multipart/form-data` through the server (`POST /media`), and the wait for the app's scan
 * of it.
 *
 * @throws {UploadError} for any answer but 2xx, and where none came
 */
export async function uploadByForm(file: File, options: FormUpload): Promise<Media> {
  const { endpoint, idempotencyKey, caption, fields, headers, credentials, signal, limiter, onSent } = options
  const body = new FormData()
  // Text goes before the file: a server that streams has read it when the bytes arrive.
  for (const [name, text] of Object.entries({ ...fields, [names.caption]: caption }))
    if (text !== undefined) body.append(name, text)
  body.append(names.file, file, file.name)

  onSent(0)
  const answer = await sendFile({ file, limiter, signal }, async () => ({
    method: 'POST' as const,
    url: endpoint + uploadRoutes.media,
    headers: { Accept: 'application/json', 'Idempotency-Key': idempotencyKey },
    own: headers,
    credentials,
    onProgress: (sent, total) => onSent(total > 0 ? Math.floor((sent / total) * file.size) : 0),
    body,
  }))
  const { media, uploads } = readAnswer(answer, 'media') as { media?: Media[] } & Partial<ScanningUploads>
  const made = media?.[0]
  const id = uploads?.[0]?.id
  if (!made && !id) throw failure(answer)
  onSent(file.size)
  return made ?? scannedForm(createUploadApi(options), id as string, options)
}
