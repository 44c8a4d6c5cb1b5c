import type { TintypeEvent } from '../../packages/tintype/src/index.ts'
import { until } from '../support/until.ts'
import type { Journal } from './journal.ts'
import type { World } from './world.ts'

/** Leases of servers that were killed, and back-offs, are over: instead of waiting for them. Call it when no server runs. */
export async function endLeases({ sql }: World): Promise<void> {
  await sql.all('update tintype_outbox set due_at = 0 where due_at > 0')
}

/**
 * Every change that was committed has been told to the webhook, at least once, and of each media in its order: for a world
 * with a server that runs, without faults.
 */
export async function checkEvents(world: World, journal: Journal): Promise<void> {
  const { sql, receiver } = world
  const { violations } = journal
  const pending = () =>
    sql.all<{ subject: string; kind: string; error: string | null }>(
      'select subject, kind, error from tintype_outbox',
    )
  await until(async () => (await pending()).length === 0).catch(() => {})
  for (const { subject, kind, error } of await pending()) {
    violations.push(`the event ${kind} of ${subject} was not delivered: ${error}`)
  }
  const rows = await sql.all<{ id: string; sha256: string }>('select id, sha256 from tintype_media')
  const visible = new Map(rows.map(({ id, sha256 }) => [id, sha256]))
  const told = firstDeliveries(receiver.received)
  for (const id of visible.keys())
    if (!told.has(id) && !journal.untold.has(id)) violations.push(`no event tells of ${id}, which is visible`)
  for (const [id, events] of told) {
    const types = events.map(({ type }) => type)
    const gone = types.at(-1) === 'media.removed'
    const inOrder =
      types[0] === 'media.ready' &&
      types.lastIndexOf('media.ready') === 0 &&
      types.every((type, at) => (type === 'media.restored') === (types[at - 1] === 'media.removed')) &&
      events.every(({ createdAt }, index) => index === 0 || createdAt >= (events[index - 1]?.createdAt ?? ''))
    if (!inOrder) violations.push(`the events of ${id} came as ${types.join(', ')}`)
    const sha256 = visible.get(id)
    if (!gone && sha256 === undefined) violations.push(`${id} is gone, and no event tells of it`)
    if (gone && sha256 !== undefined) violations.push(`${id} is visible, but was told to be removed`)
    if (sha256 !== undefined && events.at(-1)?.sha256 !== sha256) {
      violations.push(`the last event of ${id} has other bytes than its row`)
    }
  }
  for (const { kind, id, sha256 } of journal.changes) {
    const events = told.get(id) ?? []
    const found = events.some(
      (one) => one.type === `media.${kind}` && (kind === 'removed' || one.sentSha256 === sha256),
    )
    if (!found) violations.push(`${id} was ${kind}, and no event tells of it`)
  }
}

interface Told {
  type: string
  createdAt: string
  sha256: string
  sentSha256: string
}

/** Of each media, in the order in which they came first: later deliveries of the same event are repetitions. */
function firstDeliveries(received: TintypeEvent[]): Map<string, Told[]> {
  const seen = new Set<string>()
  const told = new Map<string, Told[]>()
  for (const { id, type, createdAt, data } of received) {
    if (seen.has(id) || !('media' in data)) continue
    seen.add(id)
    const { id: media, sha256, sentSha256 } = data.media
    told.set(media, [...(told.get(media) ?? []), { type, createdAt, sha256, sentSha256 }])
  }
  return told
}
