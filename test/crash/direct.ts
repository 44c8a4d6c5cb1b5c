import { randomUUID } from 'node:crypto'
import type { Media, UploadSession } from '@tintype/protocol'
import { announcement, complete, post, type SentPart, send, sendParts } from '../support/direct.ts'
import { type Attempt, acknowledge, type Journal, type SentFile } from './journal.ts'

/** Uploads that go straight to S3, step by step; each step may be repeated, on another server too. */
export interface DirectClient {
  /**
   * Opens a session, sends the bytes and completes, going on where an answer is missing.
   * @param server a server that listens now; asked again for each try
   */
  upload(server: () => Promise<string>, attempt: Attempt): Promise<void>
  /** The same with a file that has to be refused. */
  offerUnsound(server: () => Promise<string>, file: SentFile): Promise<void>
  /** Opens a session, sends the bytes, and gives up. */
  cancel(server: () => Promise<string>, file: SentFile): Promise<void>
}

const tries = 4

export function createDirectClient(journal: Journal): DirectClient {
  const { violations, figures } = journal
  type Server = () => Promise<string>

  /** The answer of the first try that has one; undefined when the outcome is unknown. */
  async function insist<T>(
    server: Server,
    work: (url: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (let i = 0; i < tries; i++) {
      try {
        const result = await work(await server())
        if (result !== undefined) return result
      } catch (error) {
        // The API refuses nothing of this; the storage, behind the proxy, may.
        if (error instanceof Error && /^POST .*: 4(?!09)/.test(error.message)) violations.push(error.message)
      }
      figures.unknown += 1
    }
    return undefined
  }

  /** An answer with a verdict: not 202 (being scanned), not 409 (not all there, or under way elsewhere), not 5xx. */
  async function verdict(response: Response): Promise<Response | undefined> {
    if (response.status < 500 && response.status !== 202 && response.status !== 409) return response
    if (response.status === 500) violations.push(`500 from ${response.url}: ${await response.text()}`)
    else await response.bytes()
    return undefined
  }

  /** The session, the same for the same key. */
  async function begin(url: string, { bytes, type }: SentFile, key: string): Promise<UploadSession> {
    const response = await post(`${url}/api/uploads`, announcement(bytes, { type }), {
      'Idempotency-Key': key,
    })
    if (!response.ok) throw new Error(`POST /uploads: ${response.status} ${await response.text()}`)
    return (await response.json()) as UploadSession
  }

  /** @returns the answer to `complete` */
  async function carryOut(server: Server, file: SentFile): Promise<Response | undefined> {
    const key = randomUUID()
    let session: UploadSession | undefined
    let sent = false
    let parts: SentPart[] | undefined
    return insist(server, async (url) => {
      session ??= await begin(url, file, key)
      if (!sent && session.put) await (await send(session.put, file.bytes)).bytes()
      else if (!sent) parts = await sendParts(url, session, file.bytes)
      if (parts?.some((part) => part.etag === ''))
        throw new Error('The storage has answered without an ETag.')
      sent = true
      return verdict(await complete(url, session, parts))
    })
  }

  return {
    async upload(server, attempt) {
      const [file] = attempt.files
      const response = await carryOut(server, file as SentFile)
      if (response === undefined) return
      if (!response.ok) {
        violations.push(`a sound direct upload was refused: ${response.status} ${await response.text()}`)
        return
      }
      const media = (await response.json().catch(() => undefined)) as Media | undefined
      if (media) acknowledge(journal, attempt, [media])
    },

    async offerUnsound(server, file) {
      journal.forbidden.add(file.sha256)
      const response = await carryOut(server, file)
      if (response === undefined) return
      const answer = await response.text().catch(() => '')
      if (response.status === 422) figures.refused += 1
      else violations.push(`half a photo was not refused with 422: ${response.status} ${answer}`)
    },

    async cancel(server, file) {
      journal.forbidden.add(file.sha256)
      const key = randomUUID()
      const session = await insist(server, (url) => begin(url, file, key))
      if (session?.put === undefined) return
      await send(session.put, file.bytes)
        .then((response) => response.bytes())
        .catch(() => {})
      await insist(server, async (url) => {
        const response = await verdict(await fetch(`${url}/api/uploads/${session.id}`, { method: 'DELETE' }))
        await response?.bytes()
        return response
      })
    },
  }
}
