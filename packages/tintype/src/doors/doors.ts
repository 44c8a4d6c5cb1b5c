import { signedHost } from '../embedded.ts'
import type { Api } from '../http/api.ts'
import type { Tintype } from '../interface.ts'
import type { MediaApi } from '../media-api.ts'
import { present } from '../present.ts'
import { refuseUnknown } from '../settings/read.ts'
import { checkDoorOptions } from './door.ts'
import { createExpressDoor } from './express.ts'
import { type MulterStorageOptions, multerStorage } from './multer.ts'
import { createNodeDoor, type NodeDoorOptions } from './node.ts'
import { type UploadMiddlewareOptions, uploadMiddleware } from './upload.ts'
import { createWebDoor } from './web.ts'
import { createWebStorage } from './web-storage.ts'

export interface DoorsOptions
  extends UploadMiddlewareOptions,
    Pick<MulterStorageOptions, 'log' | 'stallTimeout'> {
  intake: MulterStorageOptions['intake'] & UploadMiddlewareOptions['intake']
  api: Api
  embedded: { bucket: { endpoint: string }; handle: NodeDoorOptions['storage'] } | undefined
  remove: MediaApi['remove']
}

/** All by which requests come in: the API's, and those of an app's own routes. */
export function createDoors({
  api,
  embedded,
  remove,
  log,
  stallTimeout,
  ...ofRoutes
}: DoorsOptions): Pick<Tintype, 'router' | 'node' | 'fetch' | 'upload' | 'storage'> {
  const { intake, ownerOf, own, bucket, leadTo, clock } = ofRoutes
  const node = createNodeDoor({ api, storage: embedded?.handle, clock })

  return {
    router: createExpressDoor(node),
    node: (req, res, options) => node(req, res, checkDoorOptions(options)),
    fetch: createWebDoor(
      api,
      embedded && createWebStorage(embedded.bucket.endpoint, signedHost, clock),
      clock,
    ),
    upload: (form: unknown, options?: unknown) => uploadMiddleware(ofRoutes, form, options),
    storage: (options: object = {}) => {
      refuseUnknown([], options)
      return multerStorage({
        intake,
        ownerOf,
        describe: async (made, request) => ({
          media: await present(made, bucket, leadTo(own.of(request))),
          size: made.media.bytes,
        }),
        remove,
        clock,
        stallTimeout,
        log,
      })
    },
  }
}
