import type { Media } from '@tintype/protocol'
import type { Clock } from '../clock.ts'
import { TintypeError } from '../errors.ts'
import type { ApiRequest } from '../http/exchange.ts'
import { aboutFile } from '../intake/about-file.ts'
import { refuseEncoded } from '../intake/form/content-type.ts'
import type { Fields } from '../intake/form/fields.ts'
import type { Intake } from '../intake/form/intake.ts'
import { fromMulter } from '../intake/server/multer-stream.ts'
import type { Log } from '../log.ts'
import type { MediaApi } from '../media-api.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import { withoutStack } from './app-errors.ts'
import { createMulterRequests, type ExpressRequest } from './multer-requests.ts'
import type { MulterStorage, MulterStream } from './multer-types.ts'
import { NodeRequest } from './node-request.ts'

export interface MulterStorageOptions {
  intake: Pick<Intake, 'receiveSource' | 'create'>
  ownerOf(request: ApiRequest): Promise<string>
  /** What Multer adds to its file object. */
  describe(media: MediaWithVariants, request: ApiRequest): Promise<{ media: Media }>
  remove: MediaApi['remove']
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
  log: Log
}

/**
 * A storage engine whose files are media when it is through with them. It works with Multer 1 and 2. A refusal goes to
 * Express as an error with `status`, `code`, `limit` and, as `file`, which file of the form it was.
 */
export function multerStorage(options: MulterStorageOptions): MulterStorage {
  const { intake, ownerOf, describe, log } = options
  const requests = createMulterRequests(options.clock, options.stallTimeout)

  async function take(req: ExpressRequest, file: MulterStream) {
    const index = requests.begin(req)
    try {
      refuseEncoded(req)
      const sender = new NodeRequest(req, req.res)
      const owner = await ownerOf(sender)
      const { signal, original: request } = sender
      const source = fromMulter(file, lengthOf(sender))
      const origin = { owner, signal, way: 'form', fields: fieldsOf(request), request } as const
      const [made] = await intake
        .receiveSource(source, origin, (arrived, memory) =>
          intake.create([arrived], { ...origin, memory, caption: null }),
        )
        .catch((error: unknown) => Promise.reject(aboutFile(error, index, source.rawName)))
      const { media } = made as MediaWithVariants
      requests.made(req, () => void remove(media.id).catch(() => {}))
      return await describe(made as MediaWithVariants, sender)
    } finally {
      requests.end(req)
    }
  }

  async function remove(id: string): Promise<void> {
    try {
      await options.remove(id)
    } catch (error) {
      if (error instanceof TintypeError && error.code === 'not_found') return
      log.error('multer.removal_failed', { id, error })
      throw error
    }
  }

  /** What the app's code throws is the app's: it must not come back here as a failed upload, or end the process. */
  function tell(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      log.error('multer.callback_failed', { error })
    }
  }

  return {
    _handleFile(req, file, callback) {
      take(req, file).then(
        (info) => tell(() => callback(null, info)),
        (error: unknown) => {
          tell(() => callback(withoutStack(error)))
          requests.refused(req, error)
        },
      )
    },

    _removeFile(_req, file, callback) {
      const { media } = file as { media?: Media }
      // Multer 1 asks for files too that were never made.
      const removed = media ? remove(media.id) : Promise.resolve()
      removed.then(
        () => tell(() => callback(null)),
        (error: Error) => tell(() => callback(error)),
      )
    },
  }
}

/** What Multer has read of the form's text so far. */
function fieldsOf(request: { body?: unknown }): Fields {
  return (request.body ?? {}) as Fields
}

/** Of the whole form, where it is announced. */
function lengthOf({ headers }: Pick<ApiRequest, 'headers'>): number | undefined {
  const header = headers['content-length']
  return header === undefined ? undefined : Number(header)
}
