export type { Media, MediaPage, Problem } from '@tintype/protocol'
export type { BucketOptions } from './bucket/bucket.ts'
export type { Middleware } from './doors/express.ts'
export type { NodeDoor } from './doors/node.ts'
export type {
  FieldOptions,
  FileLimitOptions,
  FormOptions,
  TextLimitOptions,
  UploadedMedia,
  UploadFields,
  UploadOptions,
} from './doors/upload-options.ts'
export { TintypeError } from './errors.ts'
export type { MediaLimits } from './inspect/limits.ts'
export type { Fields, FieldValue } from './intake/form/fields.ts'
export type { Log } from './log.ts'
export type { MediaApi } from './media-api.ts'
export type { Authenticate, LimitOptions, TimeOptions } from './options.ts'
export type { CallersTransaction } from './records/callers.ts'
export type { DatabaseOptions } from './records/database.ts'
export { ConfigError } from './settings/error.ts'
export { createTintype, type Tintype, type TintypeOptions } from './tintype.ts'
