import { Refused, type SentFile, succeeded, type Target } from '@tintype/crash-kit'

const version = { 'Tus-Resumable': '1.0.0' }
/** In bytes: as phones send it, several to a file. */
const chunk = 4 * 1024 ** 2
const tries = 10
/** Where uploads are, by their key: as clients of tus keep it in the browser, a repetition goes on with the same one. */
const places = new Map<string, string>()

/**
 * Uploads by tus 1.0 as its clients do: after a failure it asks how far it came, and goes on from there.
 * @returns the answer to the last request
 * @throws {Refused} when the server has said no; Error when nothing was said after some tries
 */
export async function uploadByTus(
  path: string,
  file: SentFile,
  target: Target,
): Promise<{ location: string; response: Response }> {
  let location = places.get(target.key)
  let latest: unknown
  for (let tried = 0; tried < tries && !target.signal.aborted; tried++) {
    try {
      location ??= await create(path, file, target)
      places.set(target.key, location)
      const head = await send(location, { method: 'HEAD' }, target)
      return { location, response: await append(location, head, file, target) }
    } catch (error) {
      if (error instanceof Refused) throw error
      latest = error
    }
  }
  throw latest
}

async function create(path: string, { name, type, bytes }: SentFile, target: Target): Promise<string> {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const headers = {
    'Upload-Length': String(bytes.length),
    'Upload-Metadata': `filename ${base64(name)},filetype ${base64(type)}`,
  }
  const created = await send(path, { method: 'POST', headers }, target)
  return new URL(created.headers.get('location') ?? '', await target.url()).pathname
}

async function append(
  location: string,
  head: Response,
  { bytes }: SentFile,
  target: Target,
): Promise<Response> {
  let offset = Number(head.headers.get('upload-offset'))
  let response = head
  while (offset < bytes.length) {
    const body = new Uint8Array(bytes.subarray(offset, offset + chunk))
    const headers = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset) }
    response = await send(location, { method: 'PATCH', headers, body }, target)
    offset = Number(response.headers.get('upload-offset'))
  }
  return response
}

async function send(path: string, init: RequestInit, { url, signal }: Target): Promise<Response> {
  return succeeded(
    await fetch((await url()) + path, { ...init, headers: { ...version, ...init.headers }, signal }),
  )
}
