import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { shuttingDown } from '../closing.ts'
import { TintypeError } from '../errors.ts'
import type { MediaWithVariants } from '../records/media.ts'
import { type Arrivals, type ArrivalsOptions, type ArrivalsRequest, createArrivals } from './arrivals.ts'
import type { Budget } from './budget.ts'
import { clientSignal } from './client-signal.ts'
import type { Finish } from './finish.ts'
import { firstReservation, type ReceivedForm, receiveForm } from './form.ts'

/** The ways in, and their one ending. */
export interface Intake extends Finish {
  /**
   * Receives a form, inside the budget: photos in memory, videos through it to S3.
   *
   * @param work publishes the files; when it has ended, what it has not published is gone
   * @throws {TintypeError} or what the work throws
   */
  receive<T>(
    req: IncomingMessage,
    res: ServerResponse,
    options: { owner: string; field: string; maxFiles?: number; required?: boolean },
    work: (form: ReceivedForm) => Promise<T>,
  ): Promise<T>
  /** A Multer storage engine whose files are media when it is through with them. */
  storage(toFile: StorageHooks): MulterStorage
  /** From now on refuses with `shutting_down`, and waits until what is under way has ended. */
  drain(): Promise<void>
}

/**
 * What Multer asks of a storage engine, told without its types, so that only who uses Multer needs it.
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

export interface StorageHooks {
  ownerOf(req: IncomingMessage): Promise<string>
  /** What Multer adds to its file object. */
  describe(media: MediaWithVariants, req: IncomingMessage): Promise<object>
  remove(file: object): Promise<void>
}

export interface IntakeOptions extends ArrivalsOptions {
  finish: Finish
  budget: Budget
  maxFiles: number
  /** Milliseconds. */
  stallTimeout: number
}

export function createIntake(options: IntakeOptions): Intake {
  const { finish, budget, limits, multipart, maxFiles, clock, stallTimeout } = options
  let draining = false
  const underWay = new Set<Promise<void>>()

  /** It is under way until what this returns is called. @throws {TintypeError} `shutting_down` */
  function begin(): () => void {
    if (draining) throw shuttingDown()
    const { promise, resolve } = Promise.withResolvers<void>()
    underWay.add(promise)
    return () => {
      underWay.delete(promise)
      resolve()
    }
  }

  function arrivals(request: ArrivalsRequest): Arrivals {
    const arrivals = createArrivals(options, request)
    return {
      ...arrivals,
      release() {
        const released = arrivals.release()
        underWay.add(released)
        return released.finally(() => underWay.delete(released))
      },
    }
  }

  /** One file that Multer hands over, as it comes. */
  async function keep(
    req: IncomingMessage,
    { stream, originalname }: Parameters<MulterStorage['_handleFile']>[1],
    findOwner: () => Promise<string>,
  ): Promise<MediaWithVariants> {
    const end = begin()
    try {
      const owner = await findOwner()
      const bytes = firstReservation(undefined, limits, budget, multipart)
      const signal = clientSignal(req)
      return await budget.within(bytes, signal, async (reservation) => {
        const arriving = arrivals({ announced: undefined, reservation, owner, signal })
        try {
          const collector = arriving.begin(originalname)
          for await (const chunk of stream as AsyncIterable<Buffer>) await collector.write(chunk)
          // Multer cuts at its own fileSize limit and then ends the stream as if the file were whole.
          if ('truncated' in stream && stream.truncated) {
            throw new TintypeError('too_large', "The file is larger than Multer's fileSize limit.")
          }
          const arrived = await arriving.settle([await collector.end()])
          const [media] = await finish.create(arrived, { owner, signal, caption: null })
          return media as MediaWithVariants
        } finally {
          void arriving.release()
        }
      })
    } finally {
      end()
    }
  }

  return {
    async receive(req, res, { owner, field, maxFiles: files = maxFiles, required = true }, work) {
      // Until the work has ended: what has arrived while the server stops is still to be published.
      const end = begin()
      const onAccept = () => {
        if (/^100-continue$/i.test(req.headers.expect ?? '')) res.writeContinue()
      }
      const form = {
        field,
        maxFiles: files,
        required,
        limits,
        multipart,
        budget,
        clock,
        stallTimeout,
        arrivals: (request: Pick<ArrivalsRequest, 'announced' | 'reservation'>) =>
          arrivals({ ...request, owner, signal: clientSignal(req) }),
        onAccept,
      }
      try {
        return await receiveForm(req, form, work)
      } finally {
        end()
      }
    },

    create: finish.create,
    replace: finish.replace,

    storage: ({ ownerOf, describe, remove }) => ({
      _handleFile(req, file, callback) {
        keep(req, file, () => ownerOf(req))
          .then((made) => describe(made, req))
          .then(
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
