import { createHash } from 'node:crypto'
import type { Media, MediaPage, Removed } from '@tintype/protocol'
import { type Attempt, acknowledge, type Journal, type KnownMedia, type SentFile } from './journal.ts'
import { createRequests } from './requests.ts'

/** Requests of a client that writes down what was acknowledged, and notices what must never be. */
export interface Client {
  /**
   * Sends the attempt, once more if it was sent before.
   * @param options.times at once, with its one key
   * @returns whether it was acknowledged
   */
  upload(url: string, attempt: Attempt, options?: { times?: number }): Promise<boolean>
  /** @returns whether it was acknowledged */
  replace(url: string, media: KnownMedia, file: SentFile): Promise<boolean>
  /** @returns whether it was acknowledged */
  remove(url: string, media: KnownMedia, options?: { final?: boolean }): Promise<boolean>
  /**
   * @param options.contended somebody else may be removing it for good: then it may be gone before its time
   * @returns whether it was acknowledged
   */
  restore(url: string, media: KnownMedia, options?: { contended?: boolean }): Promise<boolean>
  /** Reads the media and its original, and compares. */
  read(url: string, media: KnownMedia): Promise<void>
  /** Sends a file that has to be refused. */
  offerUnsound(url: string, file: SentFile): Promise<void>
  /** All media, page by page; undefined when the server did not answer. */
  list(url: string): Promise<Media[] | undefined>
}

export function createClient(journal: Journal): Client {
  const { figures, violations } = journal
  const { send, json, unexpected } = createRequests(journal)

  return {
    async upload(url, attempt, { times = 1 } = {}) {
      const headers: Record<string, string> =
        attempt.key === undefined ? {} : { 'Idempotency-Key': attempt.key }
      const post = async () => {
        const response = await send(`${url}/api/media`, {
          method: 'POST',
          body: formOf(attempt.files),
          headers,
        })
        if (response === undefined) return undefined
        // It is being scanned, or the same key is under way elsewhere: ask later.
        if (response.status === 202 || response.status === 409) {
          journal.lastUnknown = await response.text()
          return undefined
        }
        if (response.status === 201 || response.status === 200) return json<{ media: Media[] }>(response)
        await unexpected('a sound upload was refused', response)
        return undefined
      }
      const answers = await Promise.all(Array.from({ length: times }, post))
      // After all of them: a deletion while one is still on its way would have it made anew.
      for (const answer of answers) if (answer) acknowledge(journal, attempt, answer.media)
      return answers.some((answer) => answer !== undefined)
    },

    async replace(url, media, file) {
      media.sha256s.add(file.sha256)
      media.original = undefined
      const response = await send(`${url}/api/media/${media.id}`, { method: 'PUT', body: formOf([file]) })
      if (response === undefined) return false
      if (response.status !== 200) {
        await unexpected(`replacing ${media.id} was refused`, response)
        return false
      }
      const answer = await json<Media>(response)
      if (answer === undefined) return false
      if (answer.sentSha256 !== file.sha256)
        violations.push(`${media.id} was replaced, but is ${answer.sentSha256}`)
      media.sha256s = new Set([file.sha256])
      journal.changes.push({ kind: 'replaced', id: media.id, sha256: file.sha256 })
      media.original = answer.urls.original
      figures.replaced += 1
      return true
    },

    async remove(url, media, { final = false } = {}) {
      const before = media.deleted
      media.deleted = 'maybe'
      const path = `${url}/api/media/${media.id}${final ? '?final=1' : ''}`
      const response = await send(path, { method: 'DELETE' })
      if (response === undefined) return false
      if (response.status === 409 && final && media.held) {
        await response.bytes().catch(() => {})
        media.deleted = before
        return false
      }
      if (response.status === 404) {
        if (before === 'no') violations.push(`${media.id} was not found, but no client had deleted it`)
        media.deleted = 'yes'
        return false
      }
      if (final && media.held && response.status < 300)
        violations.push(`${media.id} was deleted for good, but is on legal hold`)
      const kept = response.status === 200 ? await json<Removed>(response) : undefined
      if (response.status === 200 && kept === undefined) return false
      media.restorableUntil = kept && Date.parse(kept.restorableUntil)
      if (![200, 202, 204].includes(response.status)) {
        await unexpected(`deleting ${media.id} was refused`, response)
        return false
      }
      media.deleted = 'yes'
      journal.changes.push({ kind: 'removed', id: media.id, sha256: '' })
      figures.deletes += 1
      if (response.status === 204 && media.original !== undefined) {
        const dead = await send(media.original)
        if (dead?.ok) violations.push(`${media.id} was deleted with 204, but its original can be read`)
        await dead?.bytes().catch(() => {})
      }
      return true
    },

    async restore(url, media, { contended = false } = {}) {
      const promised = media.restorableUntil ?? 0
      media.deleted = 'maybe'
      const response = await send(`${url}/api/media/${media.id}/restore`, { method: 'POST' })
      if (response === undefined) return false
      if (response.status === 404 || response.status === 410) {
        await response.bytes().catch(() => {})
        figures.tooLate += 1
        if (Date.now() < promised && !contended)
          violations.push(`${media.id} was promised for longer: ${response.status}`)
        media.deleted = 'yes'
        media.restorableUntil = undefined
        return false
      }
      if (response.status !== 200) {
        await unexpected(`restoring ${media.id} was refused`, response)
        return false
      }
      const answer = await json<Media>(response)
      if (answer === undefined) return false
      if (!media.sha256s.has(answer.sentSha256))
        violations.push(`${media.id} came back as ${answer.sentSha256}`)
      media.deleted = 'no'
      media.restorableUntil = undefined
      media.original = answer.urls.original
      journal.changes.push({ kind: 'restored', id: media.id, sha256: answer.sentSha256 })
      figures.restored += 1
      return true
    },

    async read(url, media) {
      // Replaced bytes may go between the two requests: then the second look finds the new ones.
      for (let tries = 1; ; tries++) {
        const response = await send(`${url}/api/media/${media.id}`)
        if (response === undefined) return
        if (response.status !== 200) return unexpected(`${media.id} should be there`, response)
        const found = await json<Media>(response)
        if (found === undefined) return
        if (!media.sha256s.has(found.sentSha256)) {
          violations.push(`${media.id} should be ${[...media.sha256s].join(' or ')}, is ${found.sentSha256}`)
        }
        const original = await send(found.urls.original)
        const bytes = await original?.bytes().catch(() => undefined)
        if (original === undefined || bytes === undefined) return
        if (original.ok) {
          if (sha256Of(bytes) !== found.sha256) violations.push(`${media.id} does not have its SHA-256`)
          if (Buffer.from(bytes).includes(place)) violations.push(`${media.id} says where it was taken`)
          return
        }
        if (tries === 3) return void violations.push(`the original of ${media.id} is ${original.status}`)
      }
    },

    async offerUnsound(url, file) {
      journal.forbidden.add(file.sha256)
      const response = await send(`${url}/api/media`, { method: 'POST', body: formOf([file]) })
      if (response === undefined) return
      if (response.status !== 422) return unexpected('half a photo was not refused with 422', response)
      await response.bytes().catch(() => {})
      figures.refused += 1
    },

    async list(url) {
      const all: Media[] = []
      let cursor = ''
      for (;;) {
        const response = await send(`${url}/api/media?limit=100${cursor}`)
        if (response === undefined) return undefined
        const page = response.status === 200 ? await json<MediaPage>(response) : undefined
        if (page === undefined) return undefined
        all.push(...page.media)
        if (page.next === null) return all
        cursor = `&cursor=${page.next}`
      }
    },
  }
}

/** As the videos of the crash tests have it. */
const place = '+51.5000-000.1167'

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function formOf(files: SentFile[]): FormData {
  const form = new FormData()
  for (const { bytes, type } of files) {
    form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), type.replace('/', '.'))
  }
  return form
}
