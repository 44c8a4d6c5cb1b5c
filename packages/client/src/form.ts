import { fields, type Media, routes } from '@tintype/protocol'
import type { ConcurrencyLimiter } from './concurrency.ts'
import { failure, readAnswer } from './json.ts'
import { sendFile } from './send-file.ts'
import type { Credentials } from './transport.ts'

export interface FormUpload {
  endpoint: string
  idempotencyKey: string
  caption?: string | undefined
  headers?: Record<string, string> | undefined
  credentials?: Credentials | undefined
  signal?: AbortSignal | undefined
  limiter: ConcurrencyLimiter
  /** Bytes of the file, not of the form around it. */
  onSent: (sent: number) => void
}

/**
 * One attempt to send a file as `multipart/form-data` through the server (`POST /media`).
 *
 * @throws {UploadError} for any answer but 2xx, and where none came
 */
export async function uploadByForm(file: File, options: FormUpload): Promise<Media> {
  const { endpoint, idempotencyKey, caption, headers, credentials, signal, limiter, onSent } = options
  const body = new FormData()
  // Text goes before the file: a server that streams has read it when the bytes arrive.
  if (caption !== undefined) body.append(fields.caption, caption)
  body.append(fields.file, file, file.name)

  onSent(0)
  const answer = await sendFile({ file, limiter, signal }, async () => ({
    method: 'POST' as const,
    url: endpoint + routes.media,
    headers: { Accept: 'application/json', ...headers, 'Idempotency-Key': idempotencyKey },
    credentials,
    onProgress: (sent, total) => onSent(total > 0 ? Math.floor((sent / total) * file.size) : 0),
    body,
  }))
  const { media } = readAnswer(answer, 'media') as { media?: Media[] }
  if (!media?.[0]) throw failure(answer)
  onSent(file.size)
  return media[0]
}
