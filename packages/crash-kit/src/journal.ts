import { createWriteStream, openSync } from 'node:fs'
import type { SentFile } from './adapter.ts'

/**
 * What the clients know for sure, and what happened when. To a client every 5xx and every cut connection means unknown.
 */
export interface Journal {
  /** By mark: every file that was ever sent. */
  files: Map<string, FileStory>
  /** By id: every record that was ever acknowledged. */
  records: Map<string, RecordStory>
  work: Work
  /** Writes a line: what happened, and when. */
  note(what: string, fields?: Record<string, unknown>): void
  /** What is told of a key: the requests for it, and the kills right after them. */
  storyOf(key: string): string
  /** Ends its file. */
  close(): Promise<void>
}

/** What the clients did. */
export interface Work {
  /** Uploads acknowledged. */
  uploads: number
  replaced: number
  deleted: number
  /** Files that the backend said it does not take. */
  refused: number
  /** Of the half photos: those that it took. */
  brokenTaken: number
  /** Requests repeated for want of an answer. */
  repeated: number
  /** Requests, or several that belong together, without an answer that counts. */
  unknown: number
}

export interface FileStory {
  file: SentFile
  kind: 'photo' | 'too large' | 'page' | 'broken'
  outcome: 'unknown' | 'acknowledged' | 'refused'
  id?: string
}

export interface RecordStory {
  id: string
  /** It holds one of these. More than one: a replacement without an answer. */
  files: SentFile[]
  deleted: 'no' | 'maybe' | 'yes'
  /** One client at a time. */
  busy: boolean
}

/** @param path where its lines go, as JSON. @default nowhere */
export function createJournal(path?: string): Journal {
  const stream = path === undefined ? undefined : createWriteStream(path, { fd: openSync(path, 'w') })
  const started = performance.now()
  /** Of each key: what was written to it, and what came next. */
  const stories = new Map<string, string[]>()
  /** The keys that were written to last: a kill that follows belongs to their stories. */
  let recent: string[] = []

  return {
    files: new Map(),
    records: new Map(),
    work: { uploads: 0, replaced: 0, deleted: 0, refused: 0, brokenTaken: 0, repeated: 0, unknown: 0 },
    note(what, fields = {}) {
      const at = Math.round(performance.now() - started)
      stream?.write(`${JSON.stringify({ at, what, ...fields })}\n`)
      const { key, operation, fault, how } = fields as Record<string, string | undefined>
      if (what === 'kill') {
        for (const one of new Set(recent)) stories.get(one)?.push(`${at} ms: the backend was killed, ${how}`)
        recent = []
      } else if (key) {
        const story = stories.get(key) ?? []
        stories.set(key, story)
        story.push(`${at} ms: ${operation}${fault ? ` (${fault})` : ''}`)
        recent = [...recent.slice(-20), key]
      }
    },
    storyOf: (key) => stories.get(key)?.join('; ') ?? 'No request whose address has this key was seen',
    close: () => new Promise((resolve) => (stream ? stream.end(() => resolve()) : resolve())),
  }
}

/** Records that can be worked on now. */
export function idle({ records }: Journal): RecordStory[] {
  return [...records.values()].filter((one) => one.deleted === 'no' && !one.busy)
}
