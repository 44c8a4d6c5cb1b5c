import type { Random } from '@tintype/crash-kit'
import type { Media } from '@tintype/protocol'
import { type Attempt, acknowledge, type Journal, type SentFile } from './journal.ts'

/** Uploads by tus, in appends; each step may be repeated, on another server too. */
export interface ResumableClient {
  /** @param server a server that listens now; asked again for each try */
  upload(server: () => Promise<string>, attempt: Attempt, appends?: Appends): Promise<void>
  /** Sends it in pieces of tus, which are put together; some ask for that twice at once. */
  concatenate(
    server: () => Promise<string>,
    attempt: Attempt,
    how: { pieces: Buffer[]; appends: Appends; times: number },
  ): Promise<void>
  /** The same with a file that has to be refused. */
  offerUnsound(server: () => Promise<string>, file: SentFile): Promise<void>
  /** Sends half of it, and gives up. */
  cancel(server: () => Promise<string>, file: SentFile): Promise<void>
}

/** How many bytes the next append has. */
export type Appends = (left: number) => number

/** One append of anything from a byte to all that is left. */
export const anySize =
  (random: Random): Appends =>
  (left) =>
    random.chance(0.4) ? left : Math.max(1, Math.floor(left * random.next()))

const tries = 12
const version = { 'Tus-Resumable': '1.0.0' }
const type = { 'Content-Type': 'application/offset+octet-stream' }

export function createResumableClient(journal: Journal): ResumableClient {
  const { violations, figures } = journal

  /** The answer, or undefined when the outcome is unknown. */
  async function send(url: string, init: RequestInit): Promise<Response | undefined> {
    try {
      const response = await fetch(url, { ...init, headers: { ...version, ...init.headers } })
      // 409: another request has gone on meanwhile, such as one of ours that was believed dead.
      if (response.status < 500 && response.status !== 423 && response.status !== 409) return response
      const text = await response.text()
      if (response.status === 500) violations.push(`500 from ${init.method} ${url}: ${text}`)
    } catch {
      // Cut: unknown too.
    }
    figures.unknown += 1
    return undefined
  }

  /** @returns the answer that tells how it ended */
  async function carryOut(
    server: () => Promise<string>,
    { bytes }: Pick<SentFile, 'bytes'>,
    appends: Appends,
    { most = bytes.length, creation = {} }: { most?: number; creation?: Record<string, string> } = {},
  ): Promise<{ response?: Response; path?: string }> {
    let path: string | undefined
    /** What the server has said that it has. */
    let told = 0
    for (let tried = 0; tried < tries; ) {
      const origin = await server()
      if (path === undefined) {
        const headers = { 'Upload-Length': String(bytes.length), ...creation }
        const created = await send(`${origin}/api/files`, { method: 'POST', headers })
        path = created && new URL(created.headers.get('location') ?? '', origin).pathname
        if (created && created.status !== 201)
          violations.push(`creating an upload was refused: ${created.status}`)
        if (!created) tried++
        continue
      }
      const head = await send(origin + path, { method: 'HEAD' })
      if (!head) {
        tried++
        continue
      }
      if (head.status !== 200) return { response: head, path }
      const offset = Number(head.headers.get('upload-offset'))
      if (offset < told) violations.push(`${path} had ${told} bytes, and has lost some: ${offset}`)
      told = offset
      if (offset === bytes.length || offset >= most) return { response: head, path }
      let at = offset
      for (;;) {
        const left = most - at
        const body = bytes.subarray(at, at + appends(left))
        const headers = { ...type, 'Upload-Offset': String(at) }
        const answer = await send(origin + path, { method: 'PATCH', headers, body: new Uint8Array(body) })
        if (!answer) break
        if (answer.status !== 204) return { response: answer, path }
        at += body.length
        told = at
        if (answer.headers.get('upload-offset') !== String(at)) violations.push(`${path} is not at ${at}`)
        if (at >= most) return { response: answer, path }
      }
      tried++
    }
    return path === undefined ? {} : { path }
  }

  /** What the last answer says: the media, as far as they can be asked for. */
  async function note(server: () => Promise<string>, attempt: Attempt, response: Response): Promise<void> {
    if (!response.ok) {
      violations.push(`a sound resumable upload was refused: ${response.status} ${await response.text()}`)
      return
    }
    const location = response.headers.get('content-location')
    // Scanned still: the list tells later what became of it.
    if (location?.includes('/uploads/')) return
    if (location === null) return void violations.push('an upload is whole, and no media')
    const media = await fetch(new URL(location, await server())).catch(() => undefined)
    const found = media?.ok ? ((await media.json().catch(() => undefined)) as Media | undefined) : undefined
    if (found) acknowledge(journal, attempt, [found])
  }

  /** @returns the answers that tell of it, all to the same question */
  async function putTogether(
    server: () => Promise<string>,
    concat: string,
    times: number,
  ): Promise<Response[]> {
    for (let tried = 0; tried < tries; tried++) {
      const one = async () =>
        send(`${await server()}/api/files`, { method: 'POST', headers: { 'Upload-Concat': concat } })
      const answers = await Promise.all(Array.from({ length: times }, one))
      const told = answers.filter((answer) => answer !== undefined)
      if (told.length > 0) return told
    }
    return []
  }

  return {
    async upload(server, attempt, appends = (left) => left) {
      const [file] = attempt.files
      const { response } = await carryOut(server, file as SentFile, appends)
      if (response) await note(server, attempt, response)
    },

    async concatenate(server, attempt, { pieces, appends, times }) {
      const paths: string[] = []
      for (const bytes of pieces) {
        const creation = { 'Upload-Concat': 'partial' }
        const { response, path } = await carryOut(server, { bytes }, appends, { creation })
        if (response === undefined) return
        if (!response.ok) violations.push(`a piece of a resumable upload was refused: ${response.status}`)
        paths.push(path as string)
      }
      const answers = await putTogether(server, `final;${paths.join(' ')}`, times)
      const made = new Set(answers.map(({ headers }) => headers.get('content-location')))
      const scanned = [...made].some((one) => one?.includes('/uploads/'))
      if (made.size > 1 && !scanned) violations.push(`the same pieces became ${[...made].join(' and ')}`)
      if (answers[0]) await note(server, attempt, answers[0])
    },

    async offerUnsound(server, file) {
      journal.forbidden.add(file.sha256)
      const { response } = await carryOut(server, file, (left) => left)
      if (response === undefined) return
      if (response.status === 422) figures.refused += 1
      else violations.push(`half a photo was not refused with 422, but ${response.status}`)
    },

    async cancel(server, file) {
      journal.forbidden.add(file.sha256)
      const half = Math.ceil(file.bytes.length / 2)
      const { path } = await carryOut(server, file, (left) => left, { most: half })
      if (path === undefined) return
      for (let tried = 0; tried < tries; tried++) {
        const answer = await send((await server()) + path, { method: 'DELETE' })
        if (!answer) continue
        if (answer.status !== 204 && answer.status !== 404)
          violations.push(`cancelling an upload was refused: ${answer.status}`)
        return
      }
    },
  }
}
