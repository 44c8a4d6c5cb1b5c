import type { Media } from '@tintype/protocol'
import type { RequestOfApp } from '../app-request.ts'
import { crashPoint } from '../crash-points.ts'
import { aboutFile } from '../intake/about-file.ts'
import { type PrivacyOptions, readChoice } from '../privacy/policy.ts'
import type { HookTransaction } from '../records/hook-transaction.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import { copyOnce } from './copy-once.ts'
import type { RunHook } from './run.ts'
import type {
  AboutRemoved,
  AboutUpload,
  AnnouncedFile,
  FileInMemory,
  FileToScan,
  Hooks,
  Location,
  RouteHooks,
  Transformed,
} from './types.ts'

/** By whom and how an upload comes, as it is told to each hook. */
export type Origin = Omit<AboutUpload<object>, 'signal'>

/** A client's signal, if there is one. */
type FromClient = { signal?: AbortSignal | undefined }

/** The hooks of an upload. What the app has not given is undefined: nothing is called, awaited or copied for it. */
export interface UploadHooks {
  /**
   * @returns what the app wants kept or removed of it
   * @throws {TintypeError} the app's refusal, `hook_failed`, `hook_timeout`; the reason of the client's signal
   */
  readonly beforeUpload:
    | ((file: Omit<AnnouncedFile<object>, 'signal'> & FromClient) => Promise<PrivacyOptions | undefined>)
    | undefined
  /** One after the other, each given what the one before it has made. They throw as `beforeUpload` does. */
  readonly transforms: readonly ((
    file: Omit<FileInMemory<object>, 'signal' | 'bytes'> & FromClient & { copy(): Buffer },
  ) => Promise<Transformed | undefined>)[]
  /** One after the other: each has to pass the file. Throws as `beforeUpload` does. */
  readonly scan: ((file: Omit<FileToScan<object>, 'signal'> & FromClient) => Promise<void>) | undefined
  /**
   * @returns what has to be run inside the transaction that makes the media visible, once the media are what they will be; undefined
   * where there is nothing to be done
   * @throws {TintypeError} `storage_unavailable`
   */
  readonly ready:
    | ((
        made: MadeMedia[],
        origin: Origin & FromClient,
      ) => Promise<((trx: HookTransaction) => Promise<void>) | undefined>)
    | undefined
}

/** What is about to become visible. */
export interface MadeMedia extends MediaWithVariants {
  /** As what was sent has it. */
  location: Location | undefined
}

/** What has to be run inside the transaction that removes a media. */
export type RemovedHook = (
  removed: MediaWithVariants,
  trx: AboutRemoved['trx'],
  why: AboutRemoved['why'],
) => Promise<void>

/** The same of one that comes back. */
export type RestoredHook = (restored: MediaWithVariants, trx: AboutRemoved['trx']) => Promise<void>

export interface HooksOptions {
  run: RunHook
  /** The wire form of a row. */
  describe(made: MediaWithVariants): Promise<Media>
  /** Milliseconds that a hook may take. */
  time: number
  /** Milliseconds that the scan of a file may take. */
  scanTime: number
  /** Milliseconds that a hook inside a transaction may take. */
  transactionTime: number
}

/** The hooks that an app has given to `createTintype`, for each place that calls them. */
export function createAppHooks(app: Hooks, options: HooksOptions) {
  return {
    ofUploads: createUploadHooks([app], options),
    /** For uploads by a route of the app's, which has hooks of its own. */
    with: (ofRoute: RouteHooks) => createUploadHooks([app, ofRoute], options),
    removed: createRemovedHook(app, options),
    restored: createRestoredHook(app, options),
  }
}

/** @param given those of the app, then those of the route: the latter add to the former, and can't switch them off */
export function createUploadHooks(
  given: readonly Hooks[],
  { run, describe, time, scanTime, transactionTime }: HooksOptions,
): UploadHooks {
  const withBefore = given.filter(({ beforeUpload }) => beforeUpload)
  const withTransform = given.filter(({ transform }) => transform)
  const withScan = given.filter(({ scan }) => scan)
  const withReady = given.filter(({ ready }) => ready)

  function isConcerned(hooks: Hooks, { owner, way, request }: Omit<Origin, 'fields'>) {
    return run('concerns', () => hooks.concerns?.({ owner, way, request: asApps(request) }), { time })
  }

  return {
    beforeUpload:
      withBefore.length === 0
        ? undefined
        : async ({ signal, request, ...file }) => {
            let choice: PrivacyOptions | undefined
            for (const one of withBefore) {
              if (one.concerns && !(await isConcerned(one, { ...file, request }))) continue
              const call = async (signal: AbortSignal) =>
                readChoice(await one.beforeUpload?.({ ...file, request: asApps(request), signal }))
              const said = await run('beforeUpload', call, { time, signal })
              if (said) choice = { ...choice, ...said }
            }
            return choice
          },

    transforms: withTransform.map((one) => async ({ signal, request, copy, ...file }) => {
      crashPoint('hook.transforming')
      const bytes = copyOnce(copy)
      const call = (signal: AbortSignal) =>
        one.transform?.({
          ...file,
          request: asApps(request),
          signal,
          get bytes() {
            return bytes.get()
          },
        })
      try {
        const transformed = await run('transform', call, { time, signal })
        crashPoint('hook.transformed')
        return transformed ?? undefined
      } finally {
        bytes.end()
      }
    }),

    scan:
      withScan.length === 0
        ? undefined
        : async ({ signal, request, ...file }) => {
            for (const one of withScan) {
              const call = (signal: AbortSignal) => one.scan?.({ ...file, request: asApps(request), signal })
              await run('scan', call, { time: scanTime, signal })
            }
          },

    ready:
      withReady.length === 0
        ? undefined
        : async (made, { signal: client, request, ...origin }) => {
            const concerned: Hooks[] = []
            for (const one of withReady)
              if (!one.concerns || (await isConcerned(one, { ...origin, request }))) concerned.push(one)
            if (concerned.length === 0) return undefined
            const media = await Promise.all(
              made.map(async ({ location, ...row }) => ({ location, described: await describe(row) })),
            )
            return (trx) =>
              run(
                'ready',
                async (limit) => {
                  // It is no use to stop at a client that has gone before the hook itself has stopped.
                  const signal = client ? AbortSignal.any([client, limit]) : limit
                  for (const [index, { described, location }] of media.entries()) {
                    const about = { ...origin, location, request: asApps(request), trx, signal }
                    try {
                      for (const hooks of concerned) await hooks.ready?.(described, { ...about })
                    } catch (error) {
                      throw aboutFile(error, index, described.name)
                    }
                  }
                  crashPoint('hook.ready')
                },
                { time: transactionTime },
              )
          },
  }
}

/** @returns undefined where the app has none */
export function createRemovedHook(
  hooks: Hooks,
  { run, describe, transactionTime: time }: HooksOptions,
): RemovedHook | undefined {
  if (!hooks.removed) return undefined
  return async (row, trx, why) => {
    const { owner } = row.media
    const media = await describe(row)
    await run('removed', (signal) => hooks.removed?.(media, { trx, owner, why, signal }), { time })
    crashPoint('hook.removed')
  }
}

/** @returns undefined where the app has none */
export function createRestoredHook(
  hooks: Hooks,
  { run, describe, transactionTime: time }: HooksOptions,
): RestoredHook | undefined {
  if (!hooks.restored) return undefined
  return async (row, trx) => {
    const { owner } = row.media
    const media = await describe(row)
    await run('restored', (signal) => hooks.restored?.(media, { trx, owner, signal }), { time })
    crashPoint('hook.restored')
  }
}

/** What the app's framework has given to the door. */
function asApps(request: object | undefined): RequestOfApp | undefined {
  return request as RequestOfApp | undefined
}

/** Of an app that has none. */
export const noHooks: UploadHooks = {
  beforeUpload: undefined,
  transforms: [],
  scan: undefined,
  ready: undefined,
}
