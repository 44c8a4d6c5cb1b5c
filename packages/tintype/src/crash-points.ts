/**
 * Places between two durable steps where the process can be made to die, as by `kill -9`. `CRASH_AT=store.published`
 * names one, `CRASH_AT=store.published:3` its third time. The crash tests hit every one of them. Unless it is armed, a
 * point costs one comparison.
 */
export const crashPoints = [
  // Any write of our own: intake/finish.ts
  'store.examined',
  'store.reserved',
  'store.firstObject',
  'store.allObjects',
  'store.published',
  'store.discarded',
  // Around the app's hooks, those of a transaction before its COMMIT: hooks/hooks.ts
  'hook.transforming',
  'hook.transformed',
  'hook.ready',
  'hook.removed',
  'hook.restored',
  // Around a scan by the app: intake/scan
  'scan.begun',
  'scan.passed',
  // Also a reservation for a second try: records/ledger.ts
  'ledger.reserved',
  // Inside the ledger's transactions, before COMMIT: records/*-steps.ts
  'ledger.publishing',
  'ledger.replacing',
  'ledger.removing',
  'ledger.restoring',
  // An event in the same transaction, and its delivery: records/outbox.ts, events/delivery.ts
  'outbox.written',
  'outbox.leased',
  'outbox.delivered',
  'outbox.removed',
  // A variant that is made afterwards: derive/
  'variant.leased',
  'variant.made',
  'variant.reserved',
  'variant.stored',
  'variant.publishing',
  'variant.published',
  // Replace and delete
  'replace.committed',
  'remove.committed',
  'remove.deleted',
  'restore.committed',
  // The sweeper
  'sweep.claimed',
  'sweep.deleted',
  'sweep.struck',
  'sweep.aborted',
  // A streamed upload: intake/stream/stream.ts
  'stream.created',
  'stream.partStored',
  'stream.allParts',
  'stream.completed',
  // Cleaning what is in the bucket: intake/clean
  'clean.created',
  'clean.partStored',
  'clean.assembled',
  'clean.copied',
  'clean.stored',
  // The same of what is there already, inside the transaction: records/ledger-steps.ts
  'clean.publishing',
  // A direct upload: intake/direct
  'direct.reserved',
  'direct.created',
  'direct.opened',
  'direct.completed',
  'direct.verified',
  'direct.published',
  'direct.refused',
  'direct.cancelled',
  // Going back to an older state of the database: sweep/restore.ts
  'putBack.postponed',
  'putBack.scheduled',
  'putBack.lost',
  'putBack.moved',
  // A resumable upload: intake/resumable
  'resumable.opened',
  'resumable.begun',
  'resumable.created',
  'resumable.partStored',
  'resumable.tailStored',
  'resumable.acknowledged',
  'resumable.completed',
  'resumable.published',
  'resumable.refused',
  'resumable.cancelled',
  // Migrations: records/migrations.ts
  'migrate.halfway',
] as const

export type CrashPoint = (typeof crashPoints)[number]

let armed: CrashPoint | undefined
let hitsLeft = 0

/** @param hits the process dies when it reaches the point for the n-th time, counted from 1 */
export function armCrashPoint(point: CrashPoint, hits = 1): void {
  armed = point
  hitsLeft = hits
}

export function crashPoint(point: CrashPoint): void {
  if (point !== armed) return
  hitsLeft -= 1
  if (hitsLeft === 0) process.kill(process.pid, 'SIGKILL')
}
