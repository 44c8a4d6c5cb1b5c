/** Every event of the log, of the library and of the ready server, and what it means. docs/reference.md has this table. */
export const logEvents = {
  'albums.not_forgotten':
    'Rows of albums that nothing needs any more could not be deleted; tried again in a day.',
  'database.connection_lost': 'A Postgres connection broke; the pool makes a new one.',
  'decoder.missing':
    'An optional npm package that decodes some `types` is not installed, so files of these types are refused.',
  'discard.failed':
    'The keys of an upload that failed could not be marked for deletion at once. They are deleted when their deadline comes.',
  'doctor.failed': 'The checks at the start could not be finished.',
  'doctor.found': 'The checks at the start found something wrong: `what`, `detail` and `remedy`.',
  'event.listener_failed': 'A listener of `tintype.on()` threw or rejected. Nothing else is changed by it.',
  'event.not_told':
    'The listeners of `tintype.on()` could not be told of events: the database did not answer.',
  'hook.failed': 'A `hook` of the app threw an `error`, took too long, or returned what can not be taken.',
  'http.request':
    'A request was answered. `status` is `cut` when its connection ended before the answer did.',
  'ledger.not_noted':
    'The bucket could not be asked for, or given, the date of the last change: a database that is put back may not be noticed.',
  'ledger.put_back':
    'The `database` is older than the `bucket`: it was put back. Nothing is deleted until `tintype restore` has run: see [backup.md](backup.md).',
  'ledger.restored': 'Database and bucket belong together again, and deletions go on.',
  'live.not_told':
    'Pages that listen for changes were not told of some: the database did not answer. They see them when they list again.',
  'media.claimed':
    'Media whose `claimWithin` was over is kept, because `findClaim` has named what uses it: `by`.',
  'media.created': 'A photo or video is visible.',
  'media.held': 'A photo or video is on legal hold from now on.',
  'media.hold_released': 'A legal hold has ended.',
  'media.expired': 'Media that nothing claimed within `claimWithin` was removed.',
  'media.not_expired': 'An expired photo or video could not be removed; tried again at `until`.',
  'media.referenced':
    'Expired media is kept, because a foreign key of the app refers to it. It counts as claimed from now on.',
  'media.remove_failed':
    'One of those that `POST /media/delete` names could not be removed, and its client was told 5xx.',
  'media.removed':
    "A photo or video was removed. `gone`: its objects are deleted already; `restorableUntil`: they are kept until then. In a transaction of the app's: a second later, if it is committed by then.",
  'media.removed_all':
    'All media of an owner were removed: how many, how many direct uploads were cancelled, and how many are `kept` by foreign keys of the app.',
  'media.replaced': 'A photo or video has new bytes under the same id.',
  'media.restored':
    "A photo or video that was removed is there again; in a transaction of the app's, once that is committed.",
  'media.version_restored': 'An earlier `version` of a photo or video is there again.',
  'memory.not_returned': 'V8 could not be asked to return memory to the system.',
  'memory.returned': 'V8 returned memory after a peak of connections: resident bytes `before` and `after`.',
  'multer.callback_failed': 'A callback that Multer handed to the storage engine threw.',
  'multer.removal_failed': 'A file of a refused Multer form could not be removed.',
  'outbox.failed': 'The outbox could not be read; the next look is at `until`.',
  'outbox.forgotten': 'Events that nobody has taken in 30 days were forgotten.',
  'outbox.given_up': 'An event could not be delivered in three days and is not tried again.',
  'outbox.gone':
    'A webhook answered 410: its events are given up, and none is written for it until the process starts anew.',
  'outbox.not_recorded':
    'What became of a delivery could not be written down; the event is delivered once more when its lease ends.',
  'outbox.postponed': 'An event could not be delivered and is tried again at `until`.',
  'part.retried': 'A part of a streamed upload failed and is sent again.',
  'pending.extension_failed': 'The deadline of an upload in progress could not be extended; tried again.',
  'poster.failed': 'The poster of a video could not be made now. The video itself is taken.',
  'poster.no_decoder': 'Nothing is installed that makes posters of videos: see `detail`.',
  'poster.not_made':
    'A video has no poster: its frames can not be decoded here, or decoding them takes too much.',
  'proxy.not_trusted':
    'A request came with `X-Forwarded-For` from an `address`, but `TRUSTED_PROXIES` is not set: see [limits.md](limits.md).',
  'proxy.unknown': 'A request came through a proxy, but `PUBLIC_URL` is not set.',
  'put.retried': 'A PUT to the bucket failed and is sent again.',
  'rates.not_shared':
    'The database did not answer a rate limit: this process counts for itself until it does.',
  'request.refused': 'A request was answered with an error: its `code`, and the `error` with its causes.',
  's3.failed': 'The embedded S3 had a fault of its own.',
  's3.refused':
    'The embedded S3 refused the signature of a browser. Behind a proxy: see [proxies.md](proxies.md).',
  'sandbox.does_not_start': 'No worker process gets ready, so that no file can be inspected.',
  'sandbox.ended':
    'A worker process died or exceeded a `limit` (`cpu` or `clock`) while it inspected a file.',
  'sandbox.invalid_answer': 'A worker process gave an invalid answer and was killed.',
  'sandbox.not_isolated': 'A worker process runs without isolation: see [isolation.md](isolation.md).',
  'scan.extension_failed': 'The lease of a scan under way could not be extended; tried again.',
  'scan.outcome_lost':
    'What has become of a scan could not be written down: those who ask learn that it was interrupted.',
  'scan.refused': 'A form whose scan took long was refused: its `uploads`, and the `code`.',
  'scan.slow':
    'A scan takes long: the memory of its files is given back, and its `uploads` can be asked for.',
  'server.started': 'The ready server listens.',
  'server.stopped': 'The ready server has closed everything.',
  'storage.embedded':
    'No bucket is configured: objects are kept on the disk of this machine, in `directory`.',
  'storage.refused':
    'The bucket refuses for a reason that lasts: `detail`, and what to do, `remedy`. Told once in ten minutes, and when it changes; all that fails by it is a warning.',
  'sweep.abort_denied':
    'S3 does not let this key abort a multipart upload. The lifecycle rule of the bucket has to.',
  'sweep.deleted': 'The objects of a key on the sweep list were deleted.',
  'sweep.failed': 'A round of the sweeper failed; the next one is at `until`.',
  'sweep.not_postponed':
    'A failed deletion could not be written down; it is tried again when its lease ends.',
  'sweep.not_removed': 'A deleted key could not be taken off the sweep list; it is deleted once more.',
  'sweep.postponed': 'A deletion failed and is tried again at `until`.',
  'sweep.stuck': 'A deletion has failed so often that a person should look at it: see `tintype audit`.',
  'upload.cancelled': 'A direct upload was cancelled.',
  'upload.opened': 'A direct upload began.',
  'upload.refused': 'A direct upload was refused for what arrived.',
  'variants.failed': 'The variants that are still to be made could not be read; the next look is at `until`.',
  'variants.given_up':
    'Variants of a photo could not be made, and are not tried again: `tintype_variants_failed` counts them, and `tintype variants --rebuild` tries them once more.',
  'variants.made': 'Variants of a photo are visible: their `names`.',
  'variants.not_postponed':
    'What became of variants could not be written down; they are tried again when their lease ends.',
  'variants.postponed': 'Variants of a photo could not be made, and are tried again at `until`.',
} as const satisfies Record<string, string>

/** One of the log events at the end of docs/reference.md. */
export type LogEvent = keyof typeof logEvents
