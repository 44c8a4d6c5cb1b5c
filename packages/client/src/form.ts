import { fields, type Media, routes } from '@tintype/protocol'
import { answerError } from './errors.ts'
import { parseRetryAfter } from './retry.ts'
import { sendForm } from './transport.ts'

export interface FormUpload {
  endpoint: string
  idempotencyKey: string
  caption?: string | undefined
  headers?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
  /** Bytes of the file, not of the form around it. */
  onSent?: ((sent: number) => void) | undefined
}

/**
 * One try to send a file as `multipart/form-data` through the server (`POST /media`).
 *
 * @throws {UploadError} for any answer but 2xx, and where none came
 */
export async function uploadByForm(file: File, options: FormUpload): Promise<Media> {
  const { endpoint, idempotencyKey, caption, headers, signal, onSent } = options
  const body = new FormData()
  // Text goes before the file: a server that streams has read it when the bytes arrive.
  if (caption !== undefined) body.append(fields.caption, caption)
  body.append(fields.file, file, file.name)

  const answer = await sendForm({
    url: endpoint.replace(/\/+$/, '') + routes.media,
    headers: { Accept: 'application/json', ...headers, 'Idempotency-Key': idempotencyKey },
    body,
    signal,
    onProgress: (sent, total) => onSent?.(total > 0 ? Math.floor((sent / total) * file.size) : 0),
  })
  const media = answer.status >= 200 && answer.status < 300 ? firstMedia(answer.body) : undefined
  if (!media) throw answerError(answer.status, answer.body, parseRetryAfter(answer.retryAfter, Date.now()))
  return media
}

function firstMedia(body: unknown): Media | undefined {
  const { media } = (body ?? {}) as { media?: unknown }
  return Array.isArray(media) ? (media[0] as Media | undefined) : undefined
}
