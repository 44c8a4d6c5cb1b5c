import { setTimeout } from 'node:timers/promises'
import type { Random } from '@tintype/crash-kit'
import type { Media, MediaVersions } from '@tintype/protocol'
import type { Client } from './client.ts'
import type { Journal, KnownMedia, SentFile } from './journal.ts'
import { createRequests } from './requests.ts'

/** What races when something is undone: the sweeper, a removal for good, a replacement. */
export interface UndoClient {
  /** At once, or at the moment at which the sweeper comes for it. */
  restore(url: string, media: KnownMedia): Promise<void>
  /** Restoring and removing for good, both at once: the first one wins. */
  restoreAndRemove(url: string, media: KnownMedia): Promise<void>
  /** Makes one of its earlier versions the present one. */
  restoreVersion(url: string, media: KnownMedia): Promise<void>
  /** The same while other bytes come for it. */
  restoreVersionAndReplace(url: string, media: KnownMedia, file: SentFile): Promise<void>
}

/** Milliseconds around the end of what was promised. */
const around = { least: -60, most: 120 }
/** Milliseconds that a client waits for that moment at the most. */
const patience = 2500

export function createUndoClient(journal: Journal, client: Client, random: Random): UndoClient {
  const { violations, figures } = journal
  const { send, json, unexpected } = createRequests(journal)

  /** @returns the hash that it was made to have, acknowledged or not; undefined when there was none to restore */
  async function restoreVersion(url: string, media: KnownMedia): Promise<string | undefined> {
    // Where a request without an answer may have restored it already, it is no version any more.
    const isCertain = media.sha256s.size === 1
    const listed = await send(`${url}/api/media/${media.id}/versions`)
    if (listed === undefined) return undefined
    if (listed.status !== 200) return void (await unexpected(`the versions of ${media.id}`, listed))
    const version = random.pick((await json<MediaVersions>(listed))?.versions ?? [])
    if (version === undefined) return undefined
    media.sha256s.add(version.sentSha256)
    media.original = undefined
    const path = `${url}/api/media/${media.id}/versions/${version.version}/restore`
    const response = await send(path, { method: 'POST' })
    if (response === undefined) return version.sentSha256
    if (response.status === 404 || response.status === 410) {
      await response.bytes().catch(() => {})
      figures.tooLate += 1
      if (isCertain && Date.now() < Date.parse(version.restorableUntil))
        violations.push(`version ${version.version} of ${media.id} was promised for longer`)
      return version.sentSha256
    }
    if (response.status !== 200) {
      await unexpected(`restoring a version of ${media.id} was refused`, response)
      return version.sentSha256
    }
    const answer = await json<Media>(response)
    if (answer === undefined) return version.sentSha256
    figures.versions += 1
    journal.changes.push({ kind: 'replaced', id: media.id, sha256: version.sentSha256 })
    if (answer.sentSha256 === version.sentSha256) media.sha256s = new Set([version.sentSha256])
    return version.sentSha256
  }

  return {
    async restore(url, media) {
      const left = (media.restorableUntil ?? 0) - Date.now()
      if (random.chance(0.5) && left > 0 && left < patience)
        await setTimeout(Math.max(0, left + random.integer(around.least, around.most)))
      await client.restore(url, media)
    },

    async restoreAndRemove(url, media) {
      figures.contended += 1
      await Promise.all([
        client.restore(url, media, { contended: true }),
        client.remove(url, media, { final: true }),
      ])
      // Which of the two came first, the next check finds out.
      media.deleted = 'maybe'
      media.restorableUntil = undefined
    },

    async restoreVersion(url, media) {
      await restoreVersion(url, media)
    },

    async restoreVersionAndReplace(url, media, file) {
      figures.contended += 1
      const before = media.sha256s
      const [, restored] = await Promise.all([client.replace(url, media, file), restoreVersion(url, media)])
      media.sha256s = new Set([...before, file.sha256, ...(restored === undefined ? [] : [restored])])
      media.original = undefined
    },
  }
}
