import { Refused, type SentFile, type Target } from '@tintype/crash-kit'

/** What is used of it here: it is installed only for a run. https://github.com/tus/tus-js-client/blob/main/docs/api.md */
interface TusJsClient {
  Upload: new (file: Buffer, options: Record<string, unknown>) => TusUpload
}

interface TusUpload {
  url: string | null
  start(): void
  abort(): Promise<void>
}

interface TusResponse {
  getStatus(): number
  getHeader(name: string): string | undefined
  getBody(): string
}

type TusError = Error & { originalResponse?: TusResponse | null }

/** Statuses by which a server says that the upload is gone or in use, not what it thinks of the file. */
const notOfTheFile = [404, 408, 409, 410, 423, 425, 429]

/** Uploads by the key of the file, as tus-js-client keeps them in a browser: a repetition goes on with the same one. */
const places = new Map<string, string>()

/**
 * Uploads by tus-js-client with its own defaults: one PATCH for all that is left, retries after 0, 1, 3 and 5 seconds, each of which asks first how
 * far it came.
 * @returns the upload's address and the answer to the last request
 * @throws {Refused} when the server has said no; Error when nothing was said after these retries
 */
export async function uploadByTus(
  path: string,
  { name, type, bytes }: SentFile,
  target: Target,
): Promise<{ location: string; response: TusResponse }> {
  const { Upload } = await tusJsClient()
  const place = places.get(target.key)
  const base = await target.url()
  const { promise, resolve, reject } = Promise.withResolvers<TusResponse>()
  const upload = new Upload(bytes, {
    endpoint: base + path,
    ...(place === undefined ? {} : { uploadUrl: base + place }),
    metadata: { filename: name, filetype: type },
    onUploadUrlAvailable: () => places.set(target.key, new URL(upload.url ?? '').pathname),
    onSuccess: ({ lastResponse }: { lastResponse: TusResponse }) => resolve(lastResponse),
    onError: (error: TusError) => reject(refusalOf(error)),
  })
  target.signal.addEventListener('abort', () => void upload.abort())
  upload.start()
  const response = await promise
  return { location: new URL(upload.url ?? '').pathname, response }
}

function refusalOf(error: TusError): Error {
  const response = error.originalResponse
  const status = response?.getStatus() ?? 0
  const isRefused = status >= 400 && status < 500 && !notOfTheFile.includes(status)
  return isRefused ? new Refused(status, response?.getBody() ?? '') : error
}

/** By a name that the compiler doesn't follow. */
async function tusJsClient(): Promise<TusJsClient> {
  const name = 'tus-js-client'
  return ((await import(name)) as { default: TusJsClient }).default
}
