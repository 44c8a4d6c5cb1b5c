import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StorageEngine } from 'multer'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { MediaLimits } from '../inspect/inspect.ts'
import type { Budget } from './budget.ts'
import { collect } from './collect.ts'
import type { Finish } from './finish.ts'
import { type ReceivedForm, receiveForm } from './form.ts'

/** The ways in, and their one ending. */
export interface Intake extends Finish {
  /** Receives a form, in memory and inside the budget. @throws {TintypeError} */
  receive(
    req: IncomingMessage,
    res: ServerResponse,
    options: { field: string; maxFiles?: number },
  ): Promise<ReceivedForm>
  /** A Multer storage engine whose files are media when it is through with them. */
  storage(toFile: StorageHooks): StorageEngine
  /** From now on refuses with `shutting_down`, and waits until what is under way has ended. */
  drain(): Promise<void>
}

export interface StorageHooks {
  ownerOf(req: IncomingMessage): Promise<string>
  /** What Multer adds to its file object. */
  describe(media: Awaited<ReturnType<Finish['create']>>[number]): Promise<object>
  remove(file: object): Promise<void>
}

export interface IntakeOptions {
  finish: Finish
  budget: Budget
  limits: MediaLimits
  maxFiles: number
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

export function createIntake({
  finish,
  budget,
  limits,
  maxFiles,
  clock,
  stallTimeout,
}: IntakeOptions): Intake {
  let draining = false
  const underWay = new Set<Promise<unknown>>()

  async function track<T>(work: () => Promise<T>): Promise<T> {
    if (draining) throw new TintypeError('shutting_down', 'The server is stopping. Try again in a moment.')
    const promise = work()
    underWay.add(promise)
    return promise.finally(() => underWay.delete(promise))
  }

  return {
    receive: (req, res, { field, maxFiles: files = maxFiles }) =>
      track(() =>
        receiveForm(req, {
          field,
          maxFiles: files,
          limits,
          budget,
          clock,
          stallTimeout,
          onAccept: () => {
            if (/^100-continue$/i.test(req.headers.expect ?? '')) res.writeContinue()
          },
        }),
      ),

    create: (files, ticket) => track(() => finish.create(files, ticket)),
    replace: (id, owner, file) => track(() => finish.replace(id, owner, file)),

    storage: ({ ownerOf, describe, remove }) => ({
      _handleFile(req, file, callback) {
        track(async () => {
          const owner = await ownerOf(req)
          const reservation = await budget.reserve(firstReservation, new AbortController().signal)
          try {
            const received = await collect(file.stream, {
              rawName: file.originalname,
              hint: undefined,
              limits,
              onGrow: (bytes) => reservation.growTo(bytes),
            })
            // Multer cuts at its own fileSize limit and then ends the stream as if the file were whole.
            if ('truncated' in file.stream && file.stream.truncated) {
              throw new TintypeError('too_large', "The file is larger than Multer's fileSize limit.")
            }
            const [media] = await finish.create([received], { owner, caption: null })
            return describe(media as NonNullable<typeof media>)
          } finally {
            reservation.release()
          }
        }).then(
          (info) => callback(null, info),
          (error: unknown) => callback(error),
        )
      },
      _removeFile(_req, file, callback) {
        remove(file).then(
          () => callback(null),
          (error: Error) => callback(error),
        )
      },
    }),

    async drain() {
      draining = true
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

const firstReservation = 1024 * 1024
