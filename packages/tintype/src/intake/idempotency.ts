import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { MediaRecords, MediaWithVariants } from '../records/media-records.ts'
import type { ScanRecords } from '../records/scan-records.ts'
import type { UploadRow } from '../records/schema.ts'
import type { ArrivedFile } from './files.ts'
import { isScanning, toError } from './refusal.ts'

/**
 * Makes a POST safe to repeat (draft-ietf-httpapi-idempotency-key-header). What a key has made is known by the
 * media rows themselves, so it holds as long as they do, and over crashes and processes: a unique constraint
 * decides between two that race. Requests in flight in this process are refused early, before their body.
 */
export interface Idempotency {
  /**
   * @param scope the same key means another request in another scope
   * @throws {TintypeError} `invalid_parameter` for a malformed key, `idempotency_in_flight`
   */
  begin(owner: string, key: string, scope?: string): IdempotentRequest
}

export interface IdempotentRequest {
  /** Hash of owner, key and scope. */
  key: string
  /** Whether this key has made anything before. */
  isRepeated(): Promise<boolean>
  /**
   * What has become of an earlier request with this key, if there was one. What was interrupted is forgotten.
   * @throws {TintypeError} `idempotency_mismatch` when it was used with another body; what the app's scan has refused it with
   */
  earlier(hash: string): Promise<Earlier | undefined>
  end(): void
}

/** What a request has made, or begun to make. */
export interface Earlier {
  made: MediaWithVariants[]
  /** The sessions of its files, while the app scans them: then nothing is made yet. */
  scanning: UploadRow[]
}

/** @param options.scans where the app scans files, and a request may be answered before that is over */
export function createIdempotency(
  media: Pick<MediaRecords, 'findByRequest'>,
  { scans, clock }: { scans: Pick<ScanRecords, 'findForm' | 'forgetForm'> | undefined; clock: Clock },
): Idempotency {
  const inFlight = new Set<string>()
  const sessionsOf = async (key: string) => (await scans?.findForm(key)) ?? []

  async function earlier(key: string, hash: string): Promise<Earlier | undefined> {
    // Before the media: what is published in between is found there.
    const sessions = await sessionsOf(key)
    for (const session of sessions) {
      demandSameRequest(session, hash)
      if (session.refusal === null) continue
      const refusal = toError(session.refusal)
      if (refusal.status < 500) throw refusal
    }
    if (sessions.some((session) => isScanning(session, clock.now()))) return { made: [], scanning: sessions }
    const made = await media.findByRequest(key)
    for (const { media } of made) demandSameRequest(media, hash)
    if (made.length > 0) return { made, scanning: [] }
    if (sessions.length > 0) await scans?.forgetForm(key, clock.now())
    return undefined
  }

  return {
    begin(owner, rawKey, scope) {
      if (!isKey(rawKey)) {
        throw new TintypeError(
          'invalid_parameter',
          'An Idempotency-Key has 1 to 255 visible ASCII characters.',
          {
            limit: 255,
          },
        )
      }
      const key = sha256([owner, rawKey, ...(scope === undefined ? [] : [scope])].join('\0'))
      if (inFlight.has(key)) {
        throw new TintypeError(
          'idempotency_in_flight',
          'The first request with this key is not over yet. Ask again.',
        )
      }
      inFlight.add(key)
      return {
        key,
        isRepeated: async () =>
          (await media.findByRequest(key)).length > 0 || (await sessionsOf(key)).length > 0,
        earlier: (hash) => earlier(key, hash),
        end: () => void inFlight.delete(key),
      }
    },
  }
}

/**
 * Makes media, or finds those that the same request has made before.
 *
 * @param request undefined: there is no key, so nothing is known of it
 * @param hash of what is asked for
 * @throws {TintypeError} `idempotency_mismatch`; what `make` throws
 */
export async function makeOnce(
  request: IdempotentRequest | undefined,
  hash: () => string,
  make: (asked?: { key: string; hash: string }) => Promise<Earlier>,
): Promise<Earlier & { isNew: boolean }> {
  if (!request) return { ...(await make()), isNew: true }
  const asked = { key: request.key, hash: hash() }
  const repeated = await request.earlier(asked.hash)
  if (repeated) return { ...repeated, isNew: false }
  try {
    return { ...(await make(asked)), isNew: true }
  } catch (error) {
    // Another process was faster with the same key: its media are the answer, also where they have taken the last room.
    const faster = isOvertaken(error) ? await request.earlier(asked.hash) : undefined
    if (!faster) throw error
    return { ...faster, isNew: false }
  }
}

/**
 * @param made a row that a request with the same key has made
 * @param hash of what is asked for now
 * @throws {TintypeError} `idempotency_mismatch`
 */
export function demandSameRequest(made: { request_hash: string | null }, hash: string): void {
  if (made.request_hash !== hash) {
    throw new TintypeError('idempotency_mismatch', 'Use a new Idempotency-Key for another request.')
  }
}

/** What was asked for: the files' bytes, in order, the caption, and what else counts. */
export function hashRequest(
  files: ArrivedFile[],
  caption: string | null,
  further: readonly unknown[],
): string {
  return hashJson([files.map((file) => file.sha256), caption, ...further])
}

export function hashJson(value: unknown): string {
  return sha256(JSON.stringify(value))
}

/** Whether it can be an Idempotency-Key. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function isOvertaken(error: unknown): boolean {
  return error instanceof TintypeError && (error.code === 'conflict' || error.code === 'quota_exceeded')
}
