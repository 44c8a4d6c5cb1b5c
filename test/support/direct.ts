import { createHash } from 'node:crypto'
import type { SignedParts, SignedPut, UploadSession } from '@tintype/protocol'

// Direct uploads as a client makes them: the session by our API, the bytes to the storage.

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Sends JSON, or nothing. */
export function post(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  if (body === undefined) return fetch(url, { method: 'POST', headers })
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** What is to be announced of a file. */
export function announcement(bytes: Uint8Array, more: Record<string, unknown> = {}) {
  return { name: 'photo.jpg', type: 'image/jpeg', size: bytes.length, sha256: sha256(bytes), ...more }
}

/** Opens a session; anything but 200 and 201 is an error. */
export async function begin(
  server: string,
  bytes: Uint8Array,
  more: Record<string, unknown> = {},
): Promise<UploadSession> {
  const response = await post(`${server}/api/uploads`, announcement(bytes, more))
  if (!response.ok) throw new Error(`POST /uploads: ${response.status} ${await response.text()}`)
  return (await response.json()) as UploadSession
}

/** The bytes to the storage, as a browser would send them. */
export function send({ url, headers }: SignedPut, bytes: Uint8Array, more = {}): Promise<Response> {
  const body = bytes as Uint8Array<ArrayBuffer>
  return fetch(url, { method: 'PUT', headers: { ...headers, ...more }, body })
}

export interface SentPart {
  number: number
  etag: string
  sha256: string
}

/** The bytes of one part of a session. */
export function partOf(session: UploadSession, bytes: Uint8Array, number: number): Uint8Array {
  const { partSize } = plan(session)
  return bytes.subarray((number - 1) * partSize, number * partSize)
}

/** Sends these parts, or all, one after the other. */
export async function sendParts(
  server: string,
  session: UploadSession,
  bytes: Uint8Array,
  numbers = Array.from({ length: plan(session).parts }, (_, i) => i + 1),
): Promise<SentPart[]> {
  const parts = numbers.map((number) => ({ number, sha256: sha256(partOf(session, bytes, number)) }))
  const response = await post(`${server}/api/uploads/${session.id}/parts`, { parts })
  if (!response.ok) throw new Error(`POST parts: ${response.status} ${await response.text()}`)
  const signed = (await response.json()) as SignedParts
  const sent: SentPart[] = []
  for (const [i, part] of signed.parts.entries()) {
    const answer = await send(part, partOf(session, bytes, part.number))
    if (!answer.ok) throw new Error(`PUT part ${part.number}: ${answer.status} ${await answer.text()}`)
    sent.push({
      number: part.number,
      etag: answer.headers.get('etag') ?? '',
      sha256: parts[i]?.sha256 as string,
    })
  }
  return sent
}

export function complete(server: string, { id }: { id: string }, parts?: SentPart[]): Promise<Response> {
  return post(`${server}/api/uploads/${id}/complete`, parts && { parts })
}

function plan({ multipart }: UploadSession) {
  if (!multipart) throw new Error('The session is one PUT.')
  return multipart
}
