import { TintypeError } from './errors.ts'
import { isId } from './ids.ts'
import type { MediaFilter, Sought } from './records/media-filter.ts'
import type { Position } from './records/media-pages.ts'
import type { MediaRow, Owner } from './records/schema.ts'
import { daysIn, spansOf } from './search/days.ts'
import { isLanguage } from './search/languages.ts'
import { termsOf } from './search/terms.ts'
import { refuseUnknown } from './settings/read.ts'

/** Which media are meant: those that fulfil all that is given. */
export interface MediaSelection<Owner = string> {
  /** As `authenticate` returned it. @default media of any owner */
  owner?: Owner
  /** These, as far as they are there: at most 1000. */
  ids?: readonly string[] | undefined
  /** Photos or videos alone. */
  kind?: 'image' | 'video' | undefined
  /** What {@link MediaApi.claim} was given as `by`. */
  claimedBy?: string | undefined
  /** What was sent with one of these SHA-256, lower-case hex (`sentSha256`): at most 100. */
  sha256?: readonly string[] | undefined
  /** Created before this time: a `Date`, or RFC 3339 as in `createdAt`. In a list by `taken`: taken before it. */
  before?: Date | string | undefined
  /** Created after this time; in a list by `taken`, taken after it. */
  after?: Date | string | undefined
}

/** What lists can be asked for beside that. */
export interface MediaSearch {
  /**
   * Words, all of which stand in the name or in the caption, in any order and as parts of longer ones; capitals make no difference. A
   * year (`2026`), month (`2026-09`, `september 2026`, `september` of any year) or day (`2026-09-14`, `14 september 2026`, `14 september`
   * of any year) finds what was taken then, too. At most 200 characters. It reads every row of the selection: name the owner.
   */
  search?: string | undefined
  /** The time zone in which those have their day whose place on earth is not known, e.g. `Europe/Berlin`. @default 'UTC' */
  zone?: string | undefined
  /** Languages in which months may be named in `search`, beside English: `['de', 'pt-BR']`. */
  languages?: readonly string[] | undefined
}

/** A page of a list. */
export interface MediaQuery<Owner = string> extends MediaSelection<Owner>, MediaSearch {
  /**
   * By the time of their creation; `taken` by when they were taken, the latest first, and `taken-oldest` the first first. Where no
   * date is known, that is the time of their creation. @default 'newest'
   */
  order?: 'newest' | 'oldest' | 'taken' | 'taken-oldest' | undefined
  /** 1 to 1000. @default 50 */
  limit?: number | undefined
  /** `next` of the page before. */
  cursor?: string | undefined
}

const defaultPageSize = 50
const largestPageSize = 1000
const largestSelection = 1000
const longestSearch = 200
const mostHashes = 100
export const searchNames = ['search', 'zone', 'languages']
export const selectionNames = ['ids', 'kind', 'claimedBy', 'sha256', 'before', 'after']

/** @throws {TintypeError} `invalid_parameter` */
export function toFilter(owner: Owner, selection: MediaSelection & MediaSearch): MediaFilter {
  const { ids, kind, claimedBy, sha256, before, after } = selection
  if (kind !== undefined && kind !== 'image' && kind !== 'video') throw invalid('kind is image or video.')
  if (claimedBy !== undefined && typeof claimedBy !== 'string') throw invalid('claimedBy is a string.')
  if (claimedBy?.includes('\0')) throw withNul()
  return {
    sought: soughtIn(selection),
    owner,
    ids: ids && checkIds(ids, largestSelection).filter(isId),
    kind,
    claimedBy,
    sha256: sha256 && checkHashes(sha256),
    before: toTime('before', before),
    after: toTime('after', after),
  }
}

function soughtIn({ search = '', zone, languages = [] }: MediaSearch): Sought[] {
  if (typeof search !== 'string' || search.length > longestSearch)
    throw invalid(`search is a text of at most ${longestSearch} characters.`, longestSearch)
  if (search.includes('\0')) throw withNul()
  if (!Array.isArray(languages) || !languages.every(isLanguage))
    throw invalid("languages is a list of languages, such as ['de', 'pt-BR'].")
  const terms = termsOf(search, languages)
  if (zone === undefined && !terms.some(({ date }) => date)) return terms
  const dayIn = daysIn(zone ?? 'UTC')
  return terms.map(({ words, date }) =>
    date === undefined ? { words } : { words, taken: { date, spans: spansOf(date, dayIn) } },
  )
}

/** @throws {TintypeError} `invalid_parameter` */
export function toPage({ order = 'newest', limit = defaultPageSize, cursor }: MediaQuery) {
  if (!Object.hasOwn(orders, order)) throw invalid('order is newest, oldest, taken or taken-oldest.')
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPageSize)
    throw invalid(`limit is a whole number from 1 to ${largestPageSize}.`, largestPageSize)
  const { taken, oldest } = orders[order]
  return { limit, taken, oldest, after: cursor === undefined ? undefined : parseCursor(cursor, taken) }
}

const orders = {
  newest: { taken: false, oldest: false },
  oldest: { taken: false, oldest: true },
  taken: { taken: true, oldest: false },
  'taken-oldest': { taken: true, oldest: true },
}

/** @throws {TintypeError} `invalid_parameter` */
export function checkIds(ids: unknown, limit: number): string[] {
  if (!Array.isArray(ids) || ids.length > limit || !ids.every((id) => typeof id === 'string'))
    throw invalid(`ids is a list of at most ${limit} ids.`, limit)
  return ids
}

function checkHashes(hashes: unknown): string[] {
  const isHash = (one: unknown): one is string => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one)
  if (!Array.isArray(hashes) || hashes.length > mostHashes || !hashes.every(isHash))
    throw invalid(
      `sha256 is a list of at most ${mostHashes} SHA-256, as 64 digits of lower-case hex.`,
      mostHashes,
    )
  return hashes
}

/** @throws {ConfigError} */
export function refuseUnknownIn(query: object, ...others: string[]): void {
  refuseUnknown(['owner', ...selectionNames, ...others], query)
}

function toTime(name: string, time: Date | string | undefined): number | undefined {
  if (time === undefined) return undefined
  const ms = time instanceof Date || typeof time === 'string' ? new Date(time).getTime() : Number.NaN
  if (Number.isNaN(ms)) throw invalid(`${name} is a Date, or a time such as 2026-01-31T12:00:00Z.`)
  return ms
}

/** @param taken in a list by the time when media were taken */
export function positionOf(
  { id, created_at, taken_order }: Pick<MediaRow, 'id' | 'created_at' | 'taken_order'>,
  taken: boolean,
): Position {
  // Postgres's int8, on a connection of the app's.
  return { id, createdAt: Number(created_at), ...(taken ? { takenOrder: Number(taken_order) } : {}) }
}

/** Opaque to clients: the times in base36, and the id, with dots between; in base64url. */
export function formatCursor({ createdAt, id, takenOrder }: Position): string {
  const times = takenOrder === undefined ? [createdAt] : [takenOrder, createdAt]
  return Buffer.from([...times.map((time) => time.toString(36)), id].join('.')).toString('base64url')
}

/** @param taken of lists by the time when media were taken, whose cursors have that time too */
function parseCursor(cursor: string, taken: boolean): Position {
  const said = Buffer.from(cursor, 'base64url').toString('latin1').split('.')
  const id = said.pop() ?? ''
  const times = said.map((time) => Number.parseInt(time, 36))
  const [createdAt = Number.NaN, takenOrder] = times.toReversed()
  const position = { createdAt, id, takenOrder }
  const isOurs = isId(id) && times.every(Number.isSafeInteger) && times.length === (taken ? 2 : 1)
  if (!isOurs || formatCursor(position) !== cursor)
    throw invalid('This cursor is not one of ours, or of a list in another order. Begin with the first page.')
  return position
}

/** No text of Postgres's has one, nor may one be asked for. */
const withNul = () => invalid('What is looked for holds a NUL character.')

function invalid(message: string, limit?: number): TintypeError {
  return new TintypeError('invalid_parameter', message, { limit })
}
