import { pickS3Fault, type Random, type S3Fault } from '@tintype/crash-kit'
import { type PgFault, pgFaults } from '../support/pg-proxy.ts'
import type { World } from './world.ts'

/** The answer is an error; the connection is cut, before or after the event was taken. */
const receiverFaults = ['error', 'cut', 'lost'] as const
type ReceiverFault = (typeof receiverFaults)[number]

export type FaultCounts = Partial<
  Record<`S3 ${S3Fault}` | `Postgres ${PgFault}` | `webhook ${ReceiverFault}`, number>
>

const writes = /^(insert|update|delete)/i

/**
 * From now on some requests to S3, statements to Postgres and webhooks go wrong, until the world is calm again. COMMIT
 * is hit most: it is the one whose outcome matters.
 *
 * @param onRequest called for each request to S3
 */
export function letThingsBreak(
  world: World,
  random: Random,
  counts: FaultCounts,
  onRequest: () => void,
): void {
  const count = <T extends keyof FaultCounts>(name: T) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  world.s3Proxy.faults.pick = (req) => {
    onRequest()
    const fault = pickS3Fault(random, req)
    if (fault) count(`S3 ${fault}`)
    return fault
  }
  world.receiver.answer = () => {
    if (!random.chance(0.12)) return undefined
    const fault = random.pick(receiverFaults) as ReceiverFault
    count(`webhook ${fault}`)
    return fault === 'error' ? { status: 500 } : fault
  }
  if (!world.pgProxy) return
  world.pgProxy.faults.pick = (sql) => {
    if (!random.chance(/^commit/i.test(sql) ? 0.12 : writes.test(sql) ? 0.02 : 0.003)) return undefined
    let fault = random.pick(pgFaults) as PgFault
    if (fault.startsWith('stall')) fault = random.pick(pgFaults) as PgFault
    count(`Postgres ${fault}`)
    return fault
  }
}
