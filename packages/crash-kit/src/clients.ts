import { randomUUID } from 'node:crypto'
import { type Adapter, Refused, type SentFile, type Target } from './adapter.ts'
import type { Files } from './files.ts'
import { type FileStory, idle, type Journal, type RecordStory } from './journal.ts'
import type { Random } from './random.ts'

export interface ClientsOptions {
  count: number
  adapter: Adapter
  journal: Journal
  files: Files
  random: Random
  /** The backend's address, once it listens. */
  url(): Promise<string>
  /** Called before and after each thing that a client does. */
  onEvent(): void
  /** Called for each answer: done, or refused. */
  onAnswer(): void
}

/** Milliseconds for which a client waits. */
const patience = 30_000
/** How often a client repeats what was not answered. */
const repetitions = 4
/** Records from which on clients delete more than they upload. */
const many = 40

/** Clients that do one thing after the other, at random, until they are stopped: they finish what they are doing. */
export function startClients(options: ClientsOptions): { stop(): Promise<void> } {
  const { count, adapter, journal, files, random, url, onEvent, onAnswer } = options
  const { work } = journal
  let running = true

  async function live(): Promise<void> {
    while (running) {
      await url()
      onEvent()
      await act()
      onEvent()
    }
  }

  function act(): Promise<void> {
    const record = random.pick(idle(journal))
    const dice = random.next() * (idle(journal).length > many ? 1.4 : 1)
    if (dice < 0.04) return upload('photo', files.large(adapter.largeBytes ?? 6 * 1024 ** 2))
    if (dice < 0.07) return upload('page', files.page())
    if (dice < 0.09) return upload('broken', files.broken())
    if (dice < 0.1 && adapter.maxBytes) return upload('too large', files.large(adapter.maxBytes))
    if (dice < 0.7 || record === undefined) return upload('photo', files.photo())
    if (dice < 0.8 && adapter.replace) return alone(record, () => replace(record, files.photo()))
    if (adapter.remove) return alone(record, () => remove(record))
    return upload('photo', files.photo())
  }

  /** Does it until it is answered, as people do; some give up. @returns whether it was answered */
  async function insist<T>(
    what: string,
    fields: Record<string, unknown>,
    send: (target: Target) => Promise<T>,
  ): Promise<{ answer: T } | { refused: Refused; isRepetition: boolean } | undefined> {
    const key = randomUUID()
    for (let tried = 0; tried <= repetitions; tried++) {
      if (tried > 0) work.repeated += 1
      const signal = AbortSignal.timeout(patience)
      try {
        const answer = await within(signal, send({ url, key, signal }))
        journal.note(what, { ...fields, outcome: 'acknowledged' })
        onAnswer()
        return { answer }
      } catch (error) {
        if (error instanceof Refused) {
          journal.note(what, { ...fields, outcome: 'refused', error: error.message })
          onAnswer()
          return { refused: error, isRepetition: tried > 0 }
        }
        journal.note(what, { ...fields, outcome: 'unknown', error: String(error) })
        work.unknown += 1
      }
      if (!running || random.chance(0.3)) return undefined
      await url()
    }
    return undefined
  }

  async function upload(kind: FileStory['kind'], file: SentFile): Promise<void> {
    const story: FileStory = { file, kind, outcome: 'unknown' }
    journal.files.set(file.mark, story)
    const result = await insist('upload', { mark: file.mark, kind, bytes: file.bytes.length }, (target) =>
      adapter.upload(file, target),
    )
    if (result === undefined) return
    if ('refused' in result) {
      // An earlier request, whose answer was lost, may have stored it: then "there is one of that name" says nothing of the file.
      const mayBeTaken = kind === 'photo' || kind === 'broken'
      if (!(mayBeTaken && result.isRepetition)) story.outcome = 'refused'
      work.refused += 1
      return
    }
    const id = result.answer
    Object.assign(story, { outcome: 'acknowledged', id })
    journal.records.set(id, { id, files: [file], deleted: 'no', busy: false })
    work.uploads += 1
    if (kind === 'broken') work.brokenTaken += 1
  }

  async function replace(record: RecordStory, file: SentFile): Promise<void> {
    const story: FileStory = { file, kind: 'photo', outcome: 'unknown', id: record.id }
    journal.files.set(file.mark, story)
    record.files = [...record.files, file]
    const result = await insist('replace', { id: record.id, mark: file.mark }, (target) =>
      (adapter.replace as NonNullable<Adapter['replace']>)(record.id, file, target),
    )
    if (result === undefined || 'refused' in result) return
    record.files = [file]
    story.outcome = 'acknowledged'
    work.replaced += 1
  }

  async function remove(record: RecordStory): Promise<void> {
    record.deleted = 'maybe'
    let answered = 0
    const result = await insist('remove', { id: record.id }, async (target) => {
      answered += 1
      await (adapter.remove as NonNullable<Adapter['remove']>)(record.id, target)
    })
    if (result === undefined) return
    // That it is not there is no news when an earlier request may have deleted it.
    if ('refused' in result && !(result.refused.status === 404 && answered > 1)) return
    record.deleted = 'yes'
    work.deleted += 1
  }

  const all = Promise.all(Array.from({ length: count }, live))
  all.catch(() => {})
  return {
    async stop() {
      running = false
      await all
    },
  }
}

async function alone(record: RecordStory, doIt: () => Promise<void>): Promise<void> {
  record.busy = true
  try {
    await doIt()
  } finally {
    record.busy = false
  }
}

/** The kit waits no longer than its signal says, whether the adapter obeys it or not. */
function within<T>(signal: AbortSignal, result: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('There was no answer in time.'))),
  )
  return Promise.race([result, late])
}
