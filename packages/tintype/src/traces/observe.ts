import type { Bucket } from '../bucket/bucket.ts'
import type { LocatedBucket } from '../bucket/options.ts'
import type { Examine, ExamineStored } from '../intake/examine.ts'
import type { Intake } from '../intake/form/intake.ts'
import { type TraceMessages, traced } from './channels.ts'

/** The same ways in, traced. */
export function traceIntake(intake: Intake): Intake {
  return {
    ...intake,
    receive: (incoming, options, work) =>
      traced(
        'form',
        () => ({ way: 'form', ...(options.replaces && { replaces: options.replaces.id }) }),
        (message) =>
          intake.receive(incoming, options, (form) => {
            if (message) message.files = form.files.length
            return work(form)
          }),
      ),
    receiveSource: (source, sender, work) =>
      traced(
        'form',
        () => ({ way: sender.way, files: 1, ...(sender.replaces && { replaces: sender.replaces.id }) }),
        () => intake.receiveSource(source, sender, work),
      ),
  }
}

export function traceExamine(examine: Examine): Examine {
  return (file, requester, options) =>
    traced(
      'inspect',
      () => ({ bytes: file.bytes.length }),
      async (message) => {
        const found = await examine(file, requester, options)
        if (message) message.type = found.verdict.type
        return found
      },
    )
}

export function traceExamineStored(examine: ExamineStored): ExamineStored {
  return (video, requester) =>
    traced(
      'inspect',
      () => ({ bytes: video.source.size }),
      async (message) => {
        const found = await examine(video, requester)
        if (message) message.type = found.verdict.type
        return found
      },
    )
}

type S3Message = Omit<TraceMessages['s3'], 'bucket' | 'region' | 'endpoint'>

/** What S3 calls each operation, and what is told of its arguments. */
const operations = {
  put: (key, bytes) => ({ operation: 'PutObject', key, bytes: bytes.length }),
  head: (key) => ({ operation: 'HeadObject', key }),
  open: (key) => ({ operation: 'GetObject', key }),
  read: (key) => ({ operation: 'GetObject', key }),
  delete: (key) => ({ operation: 'DeleteObject', key }),
  copy: (from, to) => ({ operation: 'CopyObject', key: to, copySource: from }),
  createMultipart: (key) => ({ operation: 'CreateMultipartUpload', key }),
  putPart: (key, uploadId, { number, bytes }) => ({
    ...{ operation: 'UploadPart', key, uploadId },
    ...{ partNumber: number, bytes: bytes.length },
  }),
  copyPart: (key, uploadId, { number, from }) => ({
    ...{ operation: 'UploadPartCopy', key, uploadId },
    ...{ partNumber: number, copySource: from },
  }),
  completeMultipart: (key, uploadId) => ({ operation: 'CompleteMultipartUpload', key, uploadId }),
  abortMultipart: (key, uploadId) => ({ operation: 'AbortMultipartUpload', key, uploadId }),
  listParts: (key, uploadId) => ({ operation: 'ListParts', key, uploadId }),
  openMultiparts: (key) => ({ operation: 'ListMultipartUploads', key }),
} satisfies {
  [Name in keyof Bucket]?: Bucket[Name] extends (...args: infer Args) => unknown
    ? (...args: Args) => S3Message
    : never
}

/** The same bucket, with its operations traced. */
export function traceBucket(bucket: Bucket, where: LocatedBucket): Bucket {
  const { name, region, endpoint } = where
  const place = {
    bucket: name,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  }
  const all = Object.entries(operations).map(([method, describe]) => {
    const call = bucket[method as keyof typeof operations] as (...args: unknown[]) => Promise<unknown>
    const tell = describe as (...args: unknown[]) => S3Message
    return [
      method,
      (...args: unknown[]) =>
        traced(
          's3',
          () => ({ ...tell(...args), ...place }),
          () => call(...args),
        ),
    ]
  })
  return { ...bucket, ...(Object.fromEntries(all) as Pick<Bucket, keyof typeof operations>) }
}
