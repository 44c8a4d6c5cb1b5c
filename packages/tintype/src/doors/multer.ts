import { IncomingMessage, type ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Media } from '@tintype/protocol'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { ApiRequest } from '../http/exchange.ts'
import { aboutFile } from '../intake/about-file.ts'
import { refuseEncoded } from '../intake/form/content-type.ts'
import type { Intake } from '../intake/form/intake.ts'
import type { Log } from '../log.ts'
import type { MediaApi } from '../media-api.ts'
import { tooSlow } from '../memory/body.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import { type BodyLimits, drainLimits, limitBody } from './drain.ts'
import { type AppRequest, NodeRequest } from './node-request.ts'

/**
 * What Multer asks of a storage engine, described without its types, so that Multer is needed only where it is used.
 * https://github.com/expressjs/multer/blob/main/StorageEngine.md
 */
export interface MulterStorage {
  _handleFile(
    req: IncomingMessage,
    file: { stream: Readable; originalname: string },
    callback: (error?: unknown, info?: object) => void,
  ): void
  _removeFile(req: IncomingMessage, file: object, callback: (error: Error | null) => void): void
}

/** Express hangs the answer on it. */
type ExpressRequest = AppRequest & { res?: ServerResponse }

export interface MulterStorageOptions {
  intake: Pick<Intake, 'receiveFile'>
  ownerOf(request: ApiRequest): Promise<string>
  /** What Multer adds to its file object. */
  describe(media: MediaWithVariants, request: ApiRequest): Promise<{ media: Media }>
  remove: MediaApi['remove']
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  log: Log
}

/**
 * A storage engine whose files are media when it is through with them. It works with Multer 1 and 2.
 *
 * A refusal goes to Express as an error with `status`, `code`, `limit` and, as `file`, which file of the form it was.
 * Multer and Express answer it when the request has ended: so a sender that goes on, or has stopped, is not waited for
 * any longer than by our own routes.
 */
export function multerStorage({
  intake,
  ownerOf,
  describe,
  remove,
  clock,
  stallTimeout,
  log,
}: MulterStorageOptions): MulterStorage {
  /** Of each request: how many files it has brought, and how many of them are being taken. */
  const requests = new WeakMap<IncomingMessage, { files: number; pending: number; stopWatch(): void }>()

  async function take(req: ExpressRequest, file: Parameters<MulterStorage['_handleFile']>[1]) {
    const request = requests.get(req) ?? { files: 0, pending: 0, stopWatch() {} }
    requests.set(req, request)
    const index = request.files++
    request.pending++
    request.stopWatch()
    try {
      refuseEncoded(req)
      const sender = new NodeRequest(req, req.res)
      const made = await receive(sender, file, index)
      whenCut(req, () => void removeMedia(made.media.id).catch(() => {}))
      // While no file is being taken, nothing else notices that the client stalls.
      if (request.pending === 1) request.stopWatch = limitBody(req, clock, stalling(req), () => giveUp(req))
      return await describe(made, sender)
    } finally {
      request.pending--
    }
  }

  async function receive(
    sender: ApiRequest,
    { stream, originalname: rawName }: Parameters<MulterStorage['_handleFile']>[1],
    index: number,
  ): Promise<MediaWithVariants> {
    try {
      const { signal } = sender
      return await intake.receiveFile({ stream, rawName, ownerOf: () => ownerOf(sender), signal })
    } catch (error) {
      throw aboutFile(error, index, rawName)
    }
  }

  /** Where Multer stops the request since something else is slow, its silence isn't the sender's. */
  function stalling(req: IncomingMessage): BodyLimits {
    return { silence: stallTimeout, isAwaited: () => req.readableFlowing === true }
  }

  /** Multer 2 hears by an error that the sender has stopped; Multer 1 finds the form cut off. */
  function giveUp(req: IncomingMessage): void {
    if (req.complete || req.destroyed) return
    if (req.listenerCount('error') > 0) req.emit('error', asRefusal(tooSlow(stallTimeout)))
    endBody(req)
  }

  async function removeMedia(id: string): Promise<void> {
    try {
      await remove(id)
    } catch (error) {
      if (error instanceof TintypeError && error.code === 'not_found') return
      log.error('multer.removal_failed', { id, error })
      throw error
    }
  }

  /** What the app's code throws is the app's: it must not come back here as a failed upload, or end the process. */
  function tell(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      log.error('multer.callback_failed', { error })
    }
  }

  return {
    _handleFile(req, file, callback) {
      take(req, file).then(
        (info) => tell(() => callback(null, info)),
        (error: unknown) => {
          tell(() => callback(asRefusal(error)))
          whenAnswered(req, () => req.unpipe().resume())
          if (isTooSlow(error)) endBody(req)
          else limitBody(req, clock, drainLimits, () => endBody(req))
        },
      )
    },

    _removeFile(_req, file, callback) {
      const { media } = file as { media?: Media }
      // Multer 1 asks for files too that were never made.
      const removed = media ? removeMedia(media.id) : Promise.resolve()
      removed.then(
        () => tell(() => callback(null)),
        (error: Error) => tell(() => callback(error)),
      )
    },
  }
}

/** Without a stack: Express shows it to the sender, who is the one that has to do something. The cause has it. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof TintypeError)) return error
  const { code, message, limit, file } = error
  const refusal = new TintypeError(code, message, { limit, file, cause: error })
  refusal.stack = `${refusal.name}: ${message}`
  return refusal
}

function isTooSlow(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'too_slow'
}

/**
 * Calls back when the request is cut off while its form is still being parsed: then no handler will ever see its files.
 * Multer 2 removes them itself; Multer 1 waits for the rest for ever.
 */
function whenCut(req: IncomingMessage, callback: () => void): void {
  // The parser is one of the listeners for as long as the form goes on.
  const listeners = req.listenerCount('data')
  const look = () => {
    if (!req.complete && listeners > 0 && req.listenerCount('data') >= listeners) callback()
  }
  if (req.destroyed) look()
  else req.once('close', look)
}

/** Node reads away what an answered request has left unread, but not where a parser had begun; nor does Multer 1. */
function whenAnswered(req: ExpressRequest, drain: () => void): void {
  if (req.res?.writableFinished) drain()
  else req.res?.once('finish', drain)
}

/**
 * Declares a body to be over that isn't: what waits for its end, such as an error handler, goes on. The connection ends
 * with the answer. `complete` keeps Node from taking the request for one that its client has cut.
 */
function endBody(req: ExpressRequest): void {
  if (!(req instanceof IncomingMessage) || req.complete || req.destroyed) return
  if (req.res?.writableFinished) {
    req.destroy()
    return
  }
  if (req.res && !req.res.headersSent) req.res.setHeader('Connection', 'close')
  req.complete = true
  req.push(null)
}
