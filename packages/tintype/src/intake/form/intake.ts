import type { Readable } from 'node:stream'
import { shuttingDown } from '../../closing.ts'
import { TintypeError } from '../../errors.ts'
import { type Incoming, readBody } from '../../memory/body.ts'
import { type Budget, connectionBytes } from '../../memory/budget.ts'
import type { MediaWithVariants } from '../../records/media-records.ts'
import type { Finish } from '../finish.ts'
import { type Arrivals, type ArrivalsOptions, type ArrivalsRequest, createArrivals } from './arrivals.ts'
import { firstReservation, leastRate, type ReceivedForm, receiveForm } from './form.ts'
import type { FormShape } from './form-shape.ts'

/** The ways in, and their one ending. */
export interface Intake extends Finish {
  /**
   * Receives a form, inside the budget: photos in memory, videos through it to S3.
   *
   * @param work publishes the files; when it has ended, what it has not published is gone
   * @throws {TintypeError} or what the work throws
   */
  receive<T>(
    incoming: Incoming,
    options: { owner: string; form: FormShape },
    work: (form: ReceivedForm) => Promise<T>,
  ): Promise<T>
  /**
   * Makes media of one file that another parser hands over as a stream. Its sender has to keep up as with a form; when it
   * stops or goes away, the file is given up, and nothing of it is left.
   *
   * @throws {TintypeError}
   */
  receiveFile(file: StreamedFile): Promise<MediaWithVariants>
  /** Refuses with `shutting_down` from now on, and waits for uploads in progress. */
  drain(): Promise<void>
}

export interface StreamedFile {
  /** A sign of `truncated` on it is taken for the parser's own limit. */
  stream: Readable
  /** What the sender called it. */
  rawName: string
  ownerOf(): Promise<string>
  /** Aborts when the sender has gone. */
  signal: AbortSignal
}

export interface IntakeOptions extends ArrivalsOptions {
  finish: Finish
  budget: Budget
  /** Milliseconds. */
  stallTimeout: number
}

export function createIntake(options: IntakeOptions): Intake {
  const { finish, budget, limits, multipart, clock, stallTimeout } = options
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

  return {
    async receive(incoming, { owner, form }, work) {
      // Until the work has ended: what has arrived while the server stops is still to be published.
      const end = begin()
      const receiving = {
        form,
        limits,
        multipart,
        budget,
        clock,
        stallTimeout,
        arrivals: (request: Pick<ArrivalsRequest, 'announced' | 'reservation'>) =>
          arrivals({ ...request, owner, signal: incoming.signal }),
      }
      try {
        return await receiveForm(incoming, receiving, work)
      } finally {
        end()
      }
    },

    create: finish.create,
    replace: finish.replace,

    async receiveFile({ stream, rawName, ownerOf, signal }) {
      const end = begin()
      try {
        const owner = await ownerOf()
        const reserved = firstReservation(undefined, limits, budget, multipart) + connectionBytes
        return await budget.within(reserved, signal, async (reservation) => {
          const arriving = arrivals({ announced: undefined, reservation, owner, signal })
          try {
            const { write, end: endOfFile } = arriving.begin(rawName)
            // Streams that an app has made itself may hold text or plain bytes.
            const take = (chunk: Buffer | Uint8Array | string) => write(asBuffer(chunk))
            await readBody(stream, take, {
              clock,
              stallTimeout,
              leastRate: leastRate(budget, reserved),
              signal,
            })
            // Multer cuts at its own fileSize limit and then ends the stream as if the file were whole.
            if ('truncated' in stream && stream.truncated) {
              throw new TintypeError('too_large', "The file is larger than Multer's fileSize limit.")
            }
            const arrived = await arriving.confirm([await endOfFile()])
            const [media] = await finish.create(arrived, { owner, signal, caption: null })
            return media as MediaWithVariants
          } finally {
            void arriving.release()
          }
        })
      } finally {
        end()
      }
    },

    async drain() {
      draining = true
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

function asBuffer(chunk: Buffer | Uint8Array | string): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  return typeof chunk === 'string'
    ? Buffer.from(chunk)
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
}
