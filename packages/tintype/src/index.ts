export type {
  AppErrorCode,
  Cleaned,
  ErrorCode,
  Media,
  MediaFeature,
  MediaKind,
  MediaPage,
  MediaUrls,
  MediaVersion,
  Problem,
  RemovedMedia,
  RemovedPage,
  TakenFrom,
  Usage,
} from '@tintype/protocol'
export type { ProxySettings } from './bucket/agents.ts'
export type { BucketOptions } from './bucket/bucket.ts'
export type { Credentials, CredentialsProvider } from './bucket/credentials.ts'
export type { Encryption } from './bucket/encryption.ts'
export type { MediaClaims } from './claims.ts'
export type { Clock } from './clock.ts'
export type { RebuildRequest, RebuildTotals } from './derive/rebuild.ts'
export type { DoorOptions } from './doors/door.ts'
export type { Middleware } from './doors/express.ts'
export type { MulterStorage, MulterStream } from './doors/multer-types.ts'
export type { NodeDoor } from './doors/node.ts'
export type {
  FieldOptions,
  FileLimitOptions,
  FormOptions,
  RequestMedia,
  TextLimitOptions,
  UploadFields,
  UploadOptions,
} from './doors/upload-options.ts'
export type { WebDoor } from './doors/web.ts'
export { TintypeError } from './errors.ts'
export type { EventHandler } from './events/delivery.ts'
export type { EventMedia, EventOf, TintypeEvent } from './events/event.ts'
export type { EventListener } from './events/listeners.ts'
export { refuse } from './hooks/refuse.ts'
export type {
  AboutReady,
  AboutRemoved,
  AboutRestored,
  AboutUpload,
  AnnouncedFile,
  ByteRange,
  FileInMemory,
  FileToScan,
  Hooks,
  Location,
  RouteHooks,
  Transformed,
  UploadChoice,
  Way,
} from './hooks/types.ts'
export type { MediaLimits } from './inspect/limits.ts'
export type { Fields, FieldValue } from './intake/form/fields.ts'
export type { CreateOptions, MediaCreation } from './intake/server/media-creation.ts'
export type { MediaSource, MulterFile } from './intake/server/source.ts'
export { createLog, type Log } from './log.ts'
export type { LogEvent } from './log-events.ts'
export type { MediaApi, Whose } from './media-api.ts'
export type { MediaQuery, MediaSearch, MediaSelection } from './media-query.ts'
export type { RemovedAll } from './media-removal.ts'
export type { MediaUndo } from './media-undo.ts'
export type {
  Authenticate,
  CanView,
  FindClaim,
  LimitOptions,
  OwnerOf,
  OwnerOrNobody,
  PrivacyOptions,
  RateOptions,
  RequestOfApp,
  TimeOptions,
} from './options.ts'
export type { Rate, RateLimit } from './quotas/rates.ts'
export type { QuotaLimits, Quotas } from './quotas/room.ts'
export type { MediaUpdate } from './record-checks.ts'
export type { AppPool } from './records/app-pool.ts'
export type { CallersTransaction, KyselyTransaction, PgClient } from './records/callers.ts'
export type { DatabaseOptions } from './records/database.ts'
export type { HookTransaction, PgTransaction, SqliteTransaction } from './records/hook-transaction.ts'
export type { Refusal } from './records/ledger-types.ts'
export type { EventKind } from './records/schema.ts'
export type { DeletionToCome, UploadUnderWay } from './records/status-records.ts'
export { ConfigError } from './settings/error.ts'
export type { VariantOptions } from './settings/variants.ts'
export type { WebhookOptions } from './settings/webhooks.ts'
export type { Status } from './status.ts'
export { createTintype, type Tintype, type TintypeOptions } from './tintype.ts'
export type { TraceKind, TraceMessage, TraceMessages } from './traces/channels.ts'
export type { VariantFormat } from './variants/variant-spec.ts'
