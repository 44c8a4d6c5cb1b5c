import type { Media } from '@tintype/protocol'
import { shuttingDown } from '../../closing.ts'
import type { Origin, UploadHooks } from '../../hooks/hooks.ts'
import type { Incoming } from '../../memory/body.ts'
import type { Budget } from '../../memory/budget.ts'
import type { QuotaKeeper, Room } from '../../quotas/quotas.ts'
import type { ArrivedFile } from '../files.ts'
import type { Finish } from '../finish.ts'
import { receiveSource } from '../server/receive-source.ts'
import type { Source } from '../server/source.ts'
import type { UploadMemory } from '../transform.ts'
import {
  type Arrivals,
  type ArrivalsOptions,
  type ArrivalsRequest,
  createArrivals,
  type Gate,
} from './arrivals.ts'
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
    options: Adding & { form: FormShape; request: object },
    work: (form: ReceivedForm) => Promise<T>,
  ): Promise<T>
  /**
   * Receives one file that the app has, or that another parser hands over as a stream.
   * @param work as with {@link Intake.receive}
   * @throws {TintypeError} as {@link receiveSource}; what the work throws
   */
  receiveSource<T>(
    source: Source,
    sender: Pick<ArrivalsRequest, 'signal'> & Origin & Adding & { isHandedOver?: boolean },
    work: (file: ArrivedFile, memory: UploadMemory, handOver: () => void) => Promise<T>,
  ): Promise<T>
  /** Refuses with `shutting_down` from now on, and waits for uploads in progress. */
  drain(): Promise<void>
}

/** What tells how much room is needed, and which hooks are asked. */
export interface Adding {
  owner: string
  /** What the file takes the place of. */
  replaces?: Pick<Media, 'id' | 'bytes'>
  /** Those of the app and of its route. @default those of the app */
  hooks?: UploadHooks | undefined
  /** Whether the request has been carried out before: then it adds nothing. */
  isRepeated?: () => Promise<boolean>
}

export interface IntakeOptions extends ArrivalsOptions {
  finish: Finish
  hooks: UploadHooks
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

  /** What a hook says to each file. A request that has been carried out before is not asked again: it adds nothing. */
  async function gateFor(
    origin: Origin & { signal: AbortSignal },
    { hooks = options.hooks, replaces, isRepeated }: Adding,
  ): Promise<Gate | undefined> {
    const { beforeUpload } = hooks
    if (!beforeUpload || (await isRepeated?.())) return undefined
    return (file) => beforeUpload({ ...origin, ...file, replaces: replaces?.id })
  }

  const isTransforming = ({ hooks = options.hooks }: Adding) => hooks.transforms.length > 0

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
    async receive(incoming, { form, request, ...adding }, work) {
      // Until the work has ended: what has arrived while the server stops is still to be published.
      const end = begin()
      const { owner } = adding
      const { signal } = incoming
      let room: Room | undefined
      let gate: Gate | undefined
      const receiving = {
        form,
        limits,
        multipart,
        budget,
        clock,
        stallTimeout,
        isTransformed: isTransforming(adding),
        arrivals: (request: Pick<ArrivalsRequest, 'announced' | 'reservation'>) =>
          arrivals({ ...request, owner, signal, room, gate }),
      }
      try {
        gate = await gateFor({ owner, way: 'form', request, fields: {}, signal }, adding)
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
        const { owner, signal, way, fields, request, isHandedOver = false } = sender
        const gate = await gateFor({ owner, signal, way, fields, request }, sender)
        const room = await roomFor(sender)
        const bytes = 'bytes' in source ? source.bytes.length : (source.size ?? 0)
        room?.demand({ bytes, files: 1 })
        const from = { owner, signal, fields, room, gate, isHandedOver }
        const isTransformed = isTransforming(sender)
        return await receiveSource(source, from, { ...options, isTransformed, arrivals }, work)
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
