import { IncomingMessage, type ServerResponse } from 'node:http'
import { createAttached } from '../attached.ts'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import { tooSlow } from '../memory/body.ts'
import { withoutStack } from './app-errors.ts'
import { type BodyLimits, drainLimits, limitBody } from './drain.ts'
import type { AppRequest } from './node-request.ts'

/** Express hangs the answer on it. */
export type ExpressRequest = AppRequest & { res?: ServerResponse }

/**
 * The requests whose files are being taken, and their ends, which Multer and Express leave to nobody: a sender that goes
 * on, or has stopped, is not waited for any longer than by our own routes (decisions/0106).
 */
export interface MulterRequests {
  /** A file of it is being taken. @returns its place in the form, from 0 */
  begin(req: ExpressRequest): number
  /** A file of it has become media. @param undo is called if the request is cut before a handler sees the file */
  made(req: ExpressRequest, undo: () => void): void
  /** A file of it was refused, and Multer has been told. */
  refused(req: ExpressRequest, error: unknown): void
  /** No file is being taken, but for those that others have begun. */
  end(req: ExpressRequest): void
}

/** @param stallTimeout milliseconds */
export function createMulterRequests(clock: Clock, stallTimeout: number): MulterRequests {
  const states = createAttached<{ files: number; pending: number; stopWatch(): void }>(
    'tintype: files of Multer',
  )

  function stateOf(req: IncomingMessage) {
    return states.of(req, () => ({ files: 0, pending: 0, stopWatch() {} }))
  }

  /** Where Multer stops the request since something else is slow, its silence isn't the sender's. */
  function stalling(req: IncomingMessage): BodyLimits {
    return { silence: stallTimeout, isAwaited: () => req.readableFlowing === true }
  }

  /** Multer 2 hears by an error that the sender has stopped; Multer 1 finds the form cut off. */
  function giveUp(req: IncomingMessage): void {
    if (req.complete || req.destroyed) return
    if (req.listenerCount('error') > 0) req.emit('error', withoutStack(tooSlow(stallTimeout)))
    endBody(req)
  }

  return {
    begin(req) {
      const state = stateOf(req)
      state.pending++
      state.stopWatch()
      return state.files++
    },
    made(req, undo) {
      whenCut(req, undo)
      // While no file is being taken, nothing else notices that the client stalls.
      const state = stateOf(req)
      if (state.pending === 1) state.stopWatch = limitBody(req, clock, stalling(req), () => giveUp(req))
    },
    refused(req, error) {
      whenAnswered(req, () => req.unpipe().resume())
      if (isTooSlow(error)) endBody(req)
      else limitBody(req, clock, drainLimits, () => endBody(req))
    },
    end(req) {
      stateOf(req).pending--
    },
  }
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
