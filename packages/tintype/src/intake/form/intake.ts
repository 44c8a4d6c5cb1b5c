import type { Media } from '@tintype/protocol'
import { shuttingDown } from '../../closing.ts'
import type { UploadHooks } from '../../hooks/hooks.ts'
import type { Incoming } from '../../memory/body.ts'
import type { Budget } from '../../memory/budget.ts'
import type { QuotaKeeper, Room } from '../../quotas/quotas.ts'
import type { ArrivedFile } from '../files.ts'
import type { Finish } from '../finish.ts'
import { receiveSource, type SourceSender } from '../server/receive-source.ts'
import type { Source } from '../server/source.ts'
import type { UploadMemory } from '../transform.ts'
import { type Arrivals, type ArrivalsOptions, type ArrivalsRequest, createArrivals } from './arrivals.ts'
import { leastOf, type ReceivedForm, receiveForm } from './form.ts'
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
    options: Adding & { form: FormShape; request: object; hooks?: UploadHooks | undefined },
    work: (form: ReceivedForm) => Promise<T>,
  ): Promise<T>
  /**
   * Receives one file that the app has, or that another parser hands over as a stream.
   * @param work as with {@link Intake.receive}
   * @throws {TintypeError} as {@link receiveSource}; what the work throws
   */
  receiveSource<T>(
    source: Source,
    sender: SourceSender & Adding,
    work: (file: ArrivedFile, memory: UploadMemory) => Promise<T>,
  ): Promise<T>
  /** Refuses with `shutting_down` from now on, and waits for uploads in progress. */
  drain(): Promise<void>
}

/** What tells how much room is needed. */
export interface Adding {
  owner: string
  /** What the file takes the place of. */
  replaces?: Pick<Media, 'bytes'>
  /** Whether the request has been carried out before: then it adds nothing. */
  isRepeated?: () => Promise<boolean>
}

export interface IntakeOptions extends ArrivalsOptions {
  finish: Finish
  quotas: Pick<QuotaKeeper, 'room'>
  budget: Budget
  /** Milliseconds. */
  stallTimeout: number
}

export function createIntake(options: IntakeOptions): Intake {
  const { finish, quotas, budget, limits, multipart, clock, stallTimeout } = options
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

  /** Of what replaces something, only the difference is added. */
  async function roomFor({ owner, replaces, isRepeated }: Adding): Promise<Room | undefined> {
    const room = await quotas.room(owner)
    if (!room || (await isRepeated?.())) return undefined
    if (!replaces) return room
    return {
      demand: ({ bytes, files }) => room.demand({ bytes: bytes - replaces.bytes, files: files - 1 }),
    }
  }

  return {
    async receive(incoming, { form, ...adding }, work) {
      // Until the work has ended: what has arrived while the server stops is still to be published.
      const end = begin()
      let room: Room | undefined
      const receiving = {
        form,
        limits,
        multipart,
        budget,
        clock,
        stallTimeout,
        arrivals: (request: Pick<ArrivalsRequest, 'announced' | 'reservation'>) =>
          arrivals({ ...request, owner: adding.owner, signal: incoming.signal, room }),
      }
      try {
        room = await roomFor(adding)
        room?.demand(leastOf(incoming, form))
        return await receiveForm(incoming, receiving, work)
      } finally {
        end()
      }
    },

    create: finish.create,
    replace: finish.replace,

    async receiveSource(source, sender, work) {
      const end = begin()
      try {
        const { owner, signal } = sender
        const room = await roomFor(sender)
        const bytes = 'bytes' in source ? source.bytes.length : (source.size ?? 0)
        room?.demand({ bytes, files: 1 })
        return await receiveSource(source, { owner, signal, room }, { ...options, arrivals }, work)
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
