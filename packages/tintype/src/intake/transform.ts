import { hash } from 'node:crypto'
import { isUint8Array } from 'node:util/types'
import { TintypeError } from '../errors.ts'
import type { Origin, UploadHooks } from '../hooks/hooks.ts'
import { hookFailed } from '../hooks/run.ts'
import type { Transformed } from '../hooks/types.ts'
import { displayName } from '../inspect/name.ts'
import type { Log } from '../log.ts'
import type { ScopedReservation } from '../memory/budget.ts'
import type { Position } from '../privacy/cleaning.ts'
import { checkAlt, checkCaption, checkData } from '../record-checks.ts'
import type { Examine } from './examine.ts'
import type { Examined, ReceivedFile } from './files.ts'
import type { Sender } from './requester.ts'

/** Memory of one upload, inside the budget. What is not given back is, when the upload ends. */
export interface UploadMemory {
  /** Counts this many bytes more, or less. Waits, with a promise, until there is room. */
  add(bytes: number): void | Promise<void>
  /** Gives back what the files take, when all of them are in S3. Where it is memory of the app's own, there is nothing to give. */
  free?(): void
}

/**
 * @param held bytes of the reservation that are in use already
 * @param free what {@link UploadMemory.free} does
 */
export function createUploadMemory(
  { growTo }: Pick<ScopedReservation, 'growTo'>,
  held: number,
  free?: () => void,
): UploadMemory {
  let total = held
  return {
    add(bytes) {
      total += bytes
      if (bytes > 0) return growTo(total)
    },
    ...(free ? { free } : {}),
  }
}

export interface TransformRequest {
  transforms: UploadHooks['transforms']
  origin: Origin & { signal?: AbortSignal | undefined; replaces: string | undefined }
  caption: string | null
  /** Where it was taken, as what was sent says. */
  location: Position | undefined
  memory: UploadMemory | undefined
  requester: Sender
}

export type Transform = (
  file: ReceivedFile,
  examined: Examined,
  request: TransformRequest,
) => Promise<Examined>

/**
 * Hands a file that has been examined to the hooks `transform`, and examines what they make of it, like what a client
 * sends.
 *
 * @returns what is to be stored. It throws `upload_refused` for bytes that can't be taken, `invalid_parameter` and
 * `invalid_name` for a caption or name that can't, `hook_failed` for anything else that makes no sense, and what the hooks
 * throw
 */
export function createTransform({ examine, log }: { examine: Examine; log: Log }): Transform {
  async function take(
    answer: Transformed,
    before: ReceivedFile & { examined: Examined },
    { memory, requester }: TransformRequest,
  ) {
    const changed = readAnswer(answer)
    const { name = before.examined.name, caption } = changed
    let { bytes, sha256, examined } = before
    if (changed.bytes !== undefined) {
      const made = changed.bytes
      await memory?.add(made.length)
      // The PUT carries it, too: what the hook would still change in these bytes afterwards, S3 refuses.
      const sha256Made = hash('sha256', made, 'hex')
      if (sha256Made !== sha256) {
        const file = { ...before, bytes: made, sha256: sha256Made, rawName: name }
        examined = withDetailsOf(before.examined, await examineMade(file, requester))
        bytes = made
        sha256 = sha256Made
      }
    }
    return {
      bytes,
      sha256,
      examined: {
        ...before.examined,
        ...examined,
        name: displayName(name, examined.verdict.ext),
        ...(caption === undefined ? {} : { caption: checkCaption(caption) }),
        ...(changed.alt === undefined ? {} : { alt: checkAlt(changed.alt) }),
        ...(changed.data === undefined ? {} : { data: checkData(changed.data) }),
      },
    }
  }

  async function takeOrTell(...made: Parameters<typeof take>) {
    try {
      return await take(...made)
    } catch (error) {
      if (error instanceof TintypeError && faults.has(error.code))
        log.error('hook.failed', { hook: 'transform', error })
      throw error
    }
  }

  /** The client has sent something sound: so what is wrong now is never told as if it had not. */
  async function examineMade(file: ReceivedFile, requester: Sender): Promise<Examined> {
    try {
      return await examine(file, requester)
    } catch (error) {
      if (!(error instanceof TintypeError) || error.status >= 500 || requester.signal.aborted) throw error
      const detail = `What this app made of the file can't be taken. ${error.message}`
      throw new TintypeError('upload_refused', detail, { limit: error.limit, cause: error })
    }
  }

  return async (file, examined, request) => {
    const { transforms, origin, memory, location } = request
    let current = { ...file, examined }
    for (const transform of transforms) {
      const { bytes } = current
      const { verdict, name, caption = request.caption } = current.examined
      const { type, width, height } = verdict
      await memory?.add(bytes.length)
      try {
        const copy = () => copyOf(bytes)
        const changed = await transform({ ...origin, copy, type, width, height, name, caption, location })
        if (changed !== undefined) current = { ...current, ...(await takeOrTell(changed, current, request)) }
      } finally {
        void memory?.add(-bytes.length)
      }
    }
    return current.examined
  }
}

/** Programs that resize a photo drop when and with what it was taken: then that of the photo which was sent is kept. */
function withDetailsOf({ verdict: { details: sent } }: Examined, made: Examined): Examined {
  const { details } = made.verdict
  const { takenAt = sent?.takenAt, camera = sent?.camera, lens = sent?.lens } = details ?? {}
  return { ...made, verdict: { ...made.verdict, details: { ...details, takenAt, camera, lens } } }
}

/** What is wrong with what a hook has returned: codes. */
const faults = new Set<string>(['upload_refused', 'invalid_parameter', 'invalid_name', 'hook_failed'])

/**
 * Its members, each read once: they may be getters, which throw, or answer another thing the next time.
 *
 * @throws {TintypeError} `hook_failed`
 */
function readAnswer(changed: Transformed): Omit<Transformed, 'bytes'> & { bytes?: Buffer | undefined } {
  try {
    const { bytes, name, caption, alt, data } = changed
    demandKinds(changed, { bytes, name, caption, alt })
    return { bytes: bytes && asBuffer(bytes), name, caption, alt, data }
  } catch (error) {
    throw error instanceof TintypeError ? error : hookFailed('transform', error)
  }
}

/** @throws {TintypeError} `hook_failed` */
function demandKinds(changed: Transformed, { bytes, name, caption, alt }: Transformed): void {
  const wrong = (what: string) => hookFailed('transform', new TypeError(what))
  if (typeof changed !== 'object' || changed === null || Array.isArray(changed) || isUint8Array(changed))
    throw wrong('It has to return an object, such as { bytes, name }, or nothing.')
  if (bytes !== undefined && !isUint8Array(bytes)) throw wrong('bytes has to be a Uint8Array or Buffer.')
  if (name !== undefined && typeof name !== 'string') throw wrong('name has to be a string.')
  if (caption !== undefined && caption !== null && typeof caption !== 'string')
    throw wrong('caption has to be a string or null.')
  if (alt !== undefined && alt !== null && typeof alt !== 'string')
    throw wrong('alt has to be a string or null.')
}

/**
 * Memory of its own: what the upload has is of a pool, and another upload's as soon as this one is over, while a hook that
 * took too long, or has kept the bytes, goes on reading.
 */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
