import { fields as apiFields } from '@tintype/protocol'
import { createAppMedia } from './app-media.ts'
import { type Bucket, createBucket } from './bucket/bucket.ts'
import { createFindClaim } from './claims.ts'
import { createClosing } from './closing.ts'
import { createConfigured } from './derive/configured.ts'
import { createDerivation } from './derive/derive.ts'
import { createDoors } from './doors/doors.ts'
import { createAppEvents } from './events/app-events.ts'
import { observeIntake } from './events/observe-intake.ts'
import { createAppHooks, type HooksOptions } from './hooks/hooks.ts'
import { createRunHook } from './hooks/run.ts'
import { createOwnAddress } from './http/address.ts'
import { createApi } from './http/api.ts'
import { createReadJson } from './http/json.ts'
import { createOwnerOf } from './http/owner.ts'
import { createReadPicture } from './http/poster-routes.ts'
import { createRefusal } from './http/problem.ts'
import { createLeadTo } from './http/storage.ts'
import { countWrites } from './http/writes.ts'
import { createImageOnDemand } from './image-on-demand.ts'
import { formOfOne } from './intake/form/form-shape.ts'
import { createIdempotency } from './intake/idempotency.ts'
import { createWaysIn } from './intake/ways-in.ts'
import { withoutMultipart } from './intake/without-multipart.ts'
import type { Tintype } from './interface.ts'
import { createLogOfApp } from './log-of-app.ts'
import { createLogOfStorage } from './log-of-storage.ts'
import { createBudget, divideMemory, largestInMemory } from './memory/budget.ts'
import { createMetrics } from './metrics/metrics.ts'
import { demandNode } from './node-floor.ts'
import type { OwnerOf, RequestOfApp, TintypeOptions } from './options.ts'
import { createPictures } from './pictures.ts'
import { type Lead, present } from './present.ts'
import { createQuotaKeeper } from './quotas/quotas.ts'
import { createRateLimits } from './quotas/rates.ts'
import { inFolder } from './records/database.ts'
import { openRecords, type Records } from './records/records.ts'
import { anyOwner } from './records/schema.ts'
import { bucketOptions } from './settings/bucket.ts'
import { useFolder } from './settings/folder.ts'
import { readTintypeOptions } from './settings/options.ts'
import { rate as rateKind } from './settings/rates.ts'
import { createStatus } from './status.ts'
import { openStorage } from './storage.ts'
import { createLedgerHeartbeat, type LedgerHeartbeat } from './sweep/heartbeat.ts'
import { createSweeper } from './sweep/sweeper.ts'
import { traceBucket, traceIntake } from './traces/observe.ts'
import { decodableTypes } from './variants/optional-decoders.ts'
import { libraryFolder } from './workers/library.ts'

export type { Tintype, TintypeOptions }

/**
 * Opens database and bucket, migrates the tables, and starts the sweeper.
 *
 * @throws {TintypeError} `database_unavailable`, `storage_unavailable`
 * @throws {ConfigError} which is a `TypeError`, for an option that makes no sense
 * @example
 * const tintype = await createTintype({ bucket: 'my-photos', authenticate: (req) => userIdOf(req) })
 * app.use('/api', tintype.router)
 */
export async function createTintype<
  AppRequest extends object = RequestOfApp,
  Owner extends string = string,
  Data = unknown,
>(options: TintypeOptions<AppRequest, Owner, Data>): Promise<Tintype<OwnerOf<Owner>, Data>>
export async function createTintype(options: TintypeOptions): Promise<Tintype> {
  demandNode(process.versions.node)
  const given = readTintypeOptions(options)
  const { directory, times, clock } = given
  const log = createLogOfStorage(createLogOfApp(given.log, clock.now), clock.now)
  const own = createOwnAddress(given.publicUrl)
  const { files: maxFiles, memory, fields, fieldBytes, fieldNameBytes, ...sizes } = given.limits
  // In a bundle there may be no scripts for child processes: that is said before anything is opened.
  libraryFolder()
  const database = inFolder(given.database, directory)
  if (given.bucket === undefined || database !== given.database) useFolder('directory', directory)
  const hookOptions: HooksOptions = {
    run: createRunHook({ clock, log }),
    describe: (made) => present(made, bucket, leadHome),
    time: times.hook * 1000,
    scanTime: times.scan * 1000,
    transactionTime: times.transaction * 1000,
  }
  const hooks = createAppHooks(given.hooks ?? {}, hookOptions)
  const share = divideMemory(memory)
  const most = largestInMemory(share.uploads, hooks.ofUploads.transforms.length > 0)
  const imageBytes = Math.min(sizes.imageBytes, most)
  const limits = { ...sizes, ...decodableTypes(given.accept, log), imageBytes }
  const metrics = createMetrics()
  const { events, live, pages } = createAppEvents({
    handlers: given.outbox,
    webhooks: given.webhooks,
    records: () => records,
    bucket: () => bucket,
    leadHome: (url) => leadHome(url),
    clock,
    log,
    count: metrics.delivered,
  })
  const lost = (error: Error) => log.warn('database.connection_lost', { error })
  const records: Records = await openRecords(database, lost, {
    sink: events.sink,
    removed: hooks.removed,
    restored: hooks.restored,
    changed: () => heartbeat.changed(),
  })
  const { embedded, where } = await openStorage(given, log).catch(async (error: unknown) => {
    await records.close()
    throw error
  })
  const leadTo = createLeadTo(embedded?.bucket.publicEndpoint)
  /** For what no request asks for. */
  const leadHome: Lead = (url) => leadTo(own.usual())(url)
  const { multipart = bucketOptions.multipart.default } = where
  const bare = createBucket(where, { signReadTtl: times.signRead, now: clock.now })
  const bucket: Bucket = metrics.observeBucket(traceBucket(bare, where))
  const claimWithin = given.claimWithin === undefined ? undefined : given.claimWithin * 1000
  const ways = multipart ? { form: limits, direct: limits } : withoutMultipart(limits, share.uploads)
  const stallTimeout = times.stall * 1000
  // A wait for memory ends before a client counts as stalled.
  const wait = (stallTimeout * 2) / 3
  const budget = createBudget({ bytes: share.uploads, wait, queue: share.queue, clock })
  const configured = createConfigured(given.variants)
  const pictures = createPictures({ given, limits, share, budget, configured, clock, log })
  const [grace, undo] = [times.sweepGrace * 1000, times.undo * 1000]
  const heartbeat: LedgerHeartbeat = createLedgerHeartbeat({
    heartbeat: records.heartbeat,
    bucket,
    clock,
    log,
    undo,
  })
  const sweeper = createSweeper({
    records,
    bucket,
    heartbeat,
    findClaim: createFindClaim(given.findClaim, hookOptions.run),
    clock,
    log,
    grace,
    undo,
  })
  const quotas = createQuotaKeeper(given.quotas, { usage: records.usage, ...hookOptions, clock, undo })
  const deadline = times.uploadDeadline * 1000
  const variants = createDerivation({
    configured,
    records,
    bucket,
    ...pictures.decoders,
    budget,
    limits,
    sweeper,
    note: live.note,
    clock,
    log,
    deadline,
    // An older state of the database is whole again only with the variants of then.
    grace: Math.max(grace, undo),
  })
  const appLimits = { limits: ways.form, maxFiles, text: { fields, fieldBytes, fieldNameBytes } }
  const { intake, direct, resumable, scanner, drain } = createWaysIn({
    records,
    bucket,
    multipart,
    requireChecksum: where.requireChecksum,
    prepare: pictures.prepare,
    examineStored: pictures.examineStored,
    privacy: given.privacy,
    hooks: hooks.ofUploads,
    quotas,
    sweeper,
    variants,
    budget,
    uploads: share.uploads,
    limits: ways,
    clock,
    log,
    deadline,
    grace,
    undo,
    claimWithin,
    stallTimeout,
    session: times.session * 1000,
    signWrite: times.signWrite * 1000,
    answerWithin: times.scanAnswer * 1000,
    count: metrics.scanned,
    observe: {
      finish: metrics.observeFinish,
      intake: (one) => traceIntake(observeIntake(one, events.refused)),
    },
  })
  const scans = hooks.ofUploads.scan && records.scans
  const idempotency = createIdempotency(records.media, { scans, clock })
  const media = createAppMedia({
    records,
    bucket,
    sweeper,
    variants,
    quotas,
    intake,
    idempotency,
    note: live.note,
    clock,
    log,
    leadHome,
    undo,
    grace,
    claimWithin,
  })
  const { workers } = pictures
  metrics.watch({ budget, workers, records, scanner, heartbeat, consumers: events.consumers, clock })
  const sessionOwnerOf = createOwnerOf(given.authenticate)
  const rateLimit = createRateLimits({ counts: records.rates, clock, log })
  const { writes } = given.rates ?? {}
  const ownerOf = countWrites(sessionOwnerOf, writes && rateLimit('writes', writes))
  sweeper.start()
  variants.start()
  events.start()

  const closing = createClosing()
  let closed: Promise<void> | undefined
  async function end(): Promise<void> {
    live.close()
    await drain()
    await events.stop()
    closing.begin()
    await variants.stop()
    await sweeper.stop()
    await heartbeat.stop()
    await pictures.close()
    bucket.close()
    await embedded?.close()
    await records.close()
  }

  const status = createStatus({ budget, workers, scanner, records, clock })
  const { demandOpen } = closing
  const refuse = createRefusal(log, own)
  const { origins } = given
  const reading = { budget, clock, stallTimeout }
  const common = { intake, idempotency, bucket, metrics, ownerOf, own, leadTo, refuse, origins, demandOpen }
  const api = createApi({
    ...common,
    mediaFor: media.mediaFor,
    undoFor: media.undoFor,
    live,
    canView: given.canView,
    run: hookOptions.run,
    hookTime: hookOptions.time,
    log,
    patchable: given.patchable,
    findOwner: async (id) => (await records.media.find(id, anyOwner))?.media.owner,
    outlines: records.media,
    posters: { find: records.media.find, keep: variants.keepPoster, read: createReadPicture(reading), clock },
    quotas,
    sessionOwnerOf,
    imageOnDemand: createImageOnDemand({ media: records.media, ask: variants.ask }),
    keepImages: Math.min(times.sweepGrace, Math.floor(times.signRead / 2)),
    direct,
    resumable,
    now: clock.now,
    forms: { create: formOfOne(apiFields.file, appLimits), replace: formOfOne(apiFields.file, appLimits, 1) },
    limits: ways.direct,
    textLimits: appLimits.text,
    readJson: createReadJson(reading),
    hasStorage: embedded !== undefined,
  })
  const doors = createDoors({
    ...common,
    api,
    embedded,
    remove: media.calls.remove,
    appLimits,
    hooksWith: hooks.with,
    clock,
    log,
    stallTimeout,
  })

  return {
    ...doors,
    media: closing.guard(media.calls),
    ...closing.guard({ usage: quotas.usage, rebuildVariants: variants.rebuild, status }),
    on: (kind, listener) => events.on(kind, listener),
    outbox: (...args) => events.handle(...args),
    ...pages,
    rateLimit: (name, rate) => rateLimit(`app ${name}`, rateKind.check('rate', rate)),
    viewOrigin: embedded ? own.usual().origin || "'self'" : bucket.publicOrigin,
    metrics: () => metrics.text(),
    async check() {
      demandOpen()
      await Promise.all([records.ping(), bucket.ping()])
    },
    close() {
      closed ??= end()
      return closed
    },
  }
}
