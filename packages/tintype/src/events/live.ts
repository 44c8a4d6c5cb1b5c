import type { Clock } from '../clock.ts'
import { shuttingDown } from '../closing.ts'
import { TintypeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Change, ChangeRecords } from '../records/change-records.ts'
import type { ChangeRow } from '../records/schema.ts'
import { createLiveStream, type LiveStream } from './live-stream.ts'

/**
 * Tells pages that listen what happens to their owner's media, whichever process has done it. Processes meet in the ledger:
 * the one that listens says so by a row; the one that changes something looks for that row afterwards, many changes at a
 * time, and only then writes down what happened; the listening one looks for that twice a second. Where nobody listens,
 * nothing is written and nothing is asked for again and again.
 */
export interface LiveChanges {
  /** Something has happened, and is committed. Costs nothing now; never throws. */
  note(change: Change): void
  /**
   * Listens for one owner.
   * @param lastId that of the last event that this page has seen: it is told what has happened since
   * @throws {TintypeError} `too_many_requests`, `overloaded`, `shutting_down`
   */
  listen(owner: string, lastId: string | undefined): Promise<LiveStream>
  /** How many listen in this process. */
  readonly listening: number
  /** Ends all of them, and takes no new ones. */
  close(): void
}

export interface LiveOptions {
  /** Opened after this is made: the ledger needs `note`. */
  changes(): ChangeRecords
  clock: Clock
  log: Log
}

/** Milliseconds in which changes gather, to be looked after at once. */
const gathering = 50
const poll = 500
/** Milliseconds for which changes are kept, and written after the last listener has left: a page may come back. */
export const keptFor = 600_000
const renewal = 60_000
/** Connections of one owner to this process: some people with some devices, with some pages each. */
export const mostOfOwner = 50
export const mostListeners = 1000
const batch = 500
/** Numbers are given in another order than commits: a look begins so far before the last one that was seen. */
const lookBack = 64
/** Seconds after which it is worth asking again where there are too many. */
const retryAfter = 30

export function createLiveChanges({ changes, clock, log }: LiveOptions): LiveChanges {
  const streams = new Map<string, Set<LiveStream>>()
  let listening = 0
  let noted: Change[] = []
  let isOpen = true
  let cancelTimer = () => {}
  let cancelRenewal = () => {}
  let isLooking = false
  let last = 0
  let seen = new Set<number>()

  const idOf = (seq: number) => `${seq}-${clock.now().toString(36)}`
  /** Whether the ledger still has all that came after it. */
  const readId = (id: string, since: number): number | undefined => {
    const [, text = '', time = ''] = /^(\d{1,15})-([0-9a-z]{1,10})$/.exec(id) ?? []
    const age = clock.now() - Number.parseInt(time, 36)
    const seq = Number(text)
    return text !== '' && seq >= since && age >= -keptFor && age < keptFor - renewal ? seq : undefined
  }

  async function flush(): Promise<void> {
    const gathered = noted
    noted = []
    try {
      const owners = [...new Set(gathered.map(({ owner }) => owner))]
      const heard = await changes().heard(owners, clock.now())
      const wanted = gathered.filter(({ owner }) => heard.has(owner))
      if (wanted.length === 0) return
      await changes().write(wanted, clock.now())
      if (listening > 0) void look()
    } catch (error) {
      log.warn('live.not_told', { changes: gathered.length, error })
    }
  }

  /** What has been written since the last look, by any process. */
  async function look(): Promise<void> {
    if (isLooking || listening === 0) return
    isLooking = true
    cancelTimer()
    try {
      const rows = await changes().after(Math.max(0, last - lookBack), batch + lookBack)
      const fresh = rows.filter(({ seq }) => !seen.has(seq) && (seq > last || seen.size > 0))
      last = Math.max(last, ...rows.map(({ seq }) => seq))
      seen = new Set([...seen, ...rows.map(({ seq }) => seq)].filter((seq) => seq > last - lookBack))
      for (const [owner, same] of Map.groupBy(fresh, (row) => row.owner)) {
        for (const stream of streams.get(owner) ?? []) stream.tell(same)
      }
    } catch {
      // The next look tells it: it is asked for again and again.
    }
    isLooking = false
    if (listening > 0) cancelTimer = clock.after(poll, () => void look())
  }

  async function renew(): Promise<void> {
    const now = clock.now()
    cancelRenewal = clock.after(renewal, () => void renew())
    try {
      await changes().extend([...streams.keys()], now + keptFor)
      await changes().forget(now - keptFor, now)
    } catch {
      // It was said for ten minutes, and the next time is in one.
    }
  }

  async function begin(): Promise<void> {
    last = await changes().last()
    const rows = await changes().after(Math.max(0, last - lookBack), lookBack)
    seen = new Set(rows.map(({ seq }) => seq))
    cancelTimer = clock.after(poll, () => void look())
    cancelRenewal = clock.after(renewal, () => void renew())
  }
  let begun: Promise<void> | undefined

  function leave(owner: string, stream: LiveStream): void {
    const all = streams.get(owner)
    if (!all?.delete(stream)) return
    listening--
    if (all.size === 0) streams.delete(owner)
    if (listening > 0) return
    cancelTimer()
    cancelRenewal()
    begun = undefined
  }

  async function missed(owner: string, since: number, lastId: string): Promise<ChangeRow[] | undefined> {
    const seq = readId(lastId, since)
    const rows = seq === undefined ? undefined : await changes().of(owner, seq, batch)
    return rows && rows.length < batch ? rows : undefined
  }

  return {
    get listening() {
      return listening
    },

    note(change) {
      if (!isOpen) return
      if (noted.push(change) === 1) clock.after(gathering, () => void flush())
    },

    async listen(owner, lastId) {
      if (!isOpen) throw shuttingDown()
      const all = streams.get(owner) ?? new Set()
      if (listening >= mostListeners)
        throw new TintypeError('overloaded', 'Too many pages listen for changes. Try again later.', {
          retryAfter,
        })
      if (all.size >= mostOfOwner)
        throw new TintypeError(
          'too_many_requests',
          'Too many pages of yours listen for changes. Close some.',
          {
            limit: mostOfOwner,
            retryAfter,
          },
        )
      const stream = createLiveStream(clock, idOf, () => leave(owner, stream))
      // Counted before anything is waited for.
      streams.set(owner, all.add(stream))
      listening++
      try {
        begun ??= begin()
        await begun
        const now = clock.now()
        const since = await changes().listen(owner, now, now + keptFor)
        stream.begin(last)
        if (lastId !== undefined) {
          const rows = await missed(owner, since, lastId)
          if (rows) stream.tell(rows)
          else stream.reset()
        }
      } catch (error) {
        stream.end()
        throw error
      }
      if (!isOpen) stream.end()
      return stream
    },

    close() {
      isOpen = false
      for (const all of [...streams.values()]) for (const stream of [...all]) stream.end()
    },
  }
}
