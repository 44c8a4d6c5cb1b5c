import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { encryptionHeaders } from 'tintype/internal/bucket/encryption'
import { type Finding, failed, ok, skipped, warned } from 'tintype/internal/bucket/finding'
import { isFundamental, s3Trouble } from 'tintype/internal/bucket/remedy'
import { errorStatus } from '../clients.ts'
import { demandedChecksum, demandedEncryption } from './demanded.ts'
import type { Subject } from './subject.ts'

const body = 'This is a probe by tintype; it may be deleted.'
const ChecksumSHA256 = createHash('sha256').update(body).digest('base64')

/** Nothing else can work: the key, the bucket, the clock or the network is wrong. */
export class NothingWorks extends Error {
  readonly finding: Finding

  constructor(finding: Finding) {
    super(finding.detail)
    this.finding = finding
  }
}

/**
 * Tries each operation that the app needs, on probe objects. The first probe is kept for the next checks; {@link deleted}
 * deletes it.
 *
 * @param options.strict whether what only some services lack is a failure
 * @throws {NothingWorks}
 */
export async function* needed(
  subject: Subject,
  { multipart, strict }: { multipart: boolean; strict: boolean },
): AsyncGenerator<Finding, string | undefined> {
  const { bucket: Bucket, aws, encryption } = subject
  const { s3 } = aws
  const Key = subject.probe()

  const stored = await attempt('put an object (s3:PutObject)', async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: body,
        ContentType: 'text/plain',
        ChecksumSHA256,
        ...encryption,
      }),
    )
  })
  yield stored
  if (stored.verdict !== 'ok') {
    const demanded = await demandedEncryption(subject)
    if (demanded) yield demanded
    yield skipped(
      'get it, whole, by range and by presigned URL; put it on conditions and in parts',
      'there is no object',
    )
    return undefined
  }

  yield await attempt('get an object (s3:GetObject)', async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    same(await Body?.transformToString(), body)
  })
  yield await attempt('get a range of it', async () => {
    const { Body, $metadata } = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=5-9' }))
    same($metadata.httpStatusCode, 206)
    same(await Body?.transformToString(), body.slice(5, 10))
  })
  yield await attempt('ask for its size and checksum (HEAD)', async () => {
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
    same(ContentLength, body.length)
  })
  yield await attempt('copy it within the bucket', async () => {
    const copy = subject.probe()
    await s3.send(new CopyObjectCommand({ Bucket, Key: copy, CopySource: `${Bucket}/${Key}`, ...encryption }))
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: copy }))
    same(ContentLength, body.length)
  })
  yield await attempt('presigned GET', async () => {
    const answer = await fetch(await subject.presign(new GetObjectCommand({ Bucket, Key })))
    same(answer.status, 200)
    same(await answer.text(), body)
  })
  yield* presignedPut(subject, strict)
  const demanded = await demandedChecksum(subject)
  if (demanded) yield demanded
  if (multipart) yield* partwise(subject)
  return Key
}

/** Signed as the server signs for browsers, with size, type, checksum and condition. */
async function* presignedPut(subject: Subject, strict: boolean): AsyncGenerator<Finding> {
  const Key = subject.probe()
  const encryption = encryptionHeaders(subject.options.encryption)
  const sign = async (key: string) => {
    const command = new PutObjectCommand({
      Bucket: subject.bucket,
      Key: key,
      ContentType: 'text/plain',
      ContentLength: body.length,
      ChecksumSHA256,
      IfNoneMatch: '*',
      ...subject.encryption,
    })
    return subject.presign(command, [
      ...Object.keys(encryption),
      'content-type',
      'content-length',
      'if-none-match',
      'x-amz-checksum-sha256',
    ])
  }
  const headers = {
    ...encryption,
    'content-type': 'text/plain',
    'if-none-match': '*',
    'x-amz-checksum-sha256': ChecksumSHA256,
  }
  const put = async (key: string, bytes: string) => {
    const answer = await fetch(await sign(key), { method: 'PUT', headers, body: bytes })
    await answer.arrayBuffer()
    return answer.status
  }
  yield await attempt('presigned PUT', async () => same(await put(Key, body), 200))

  const conditional = 'a second PUT of the same object is refused (If-None-Match)'
  const again = await put(Key, body)
  if (again === 412) yield ok(conditional)
  else {
    yield (strict ? failed : warned)(
      conditional,
      `answered ${again}, not 412`,
      'Conditional writes are not kept: a signed URL could be used to write twice. Update the service.',
    )
  }

  const verified = 'a presigned PUT of other bytes is refused (checksum)'
  const altered = await put(subject.probe(), body.replace('probe', 'prank'))
  if (altered === 400) yield ok(verified)
  else {
    yield warned(
      verified,
      `answered ${altered}, not 400`,
      'The service does not verify checksums on arrival; damage shows only when the server reads the object.',
    )
  }
}

async function* partwise({
  aws: { s3 },
  bucket: Bucket,
  probe,
  encryption,
}: Subject): AsyncGenerator<Finding> {
  const begin = async () => {
    const Key = probe()
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...encryption }))
    return { Bucket, Key, UploadId }
  }
  const complete = async (target: Awaited<ReturnType<typeof begin>>) => {
    const { ETag } = await s3.send(new UploadPartCommand({ ...target, PartNumber: 1, Body: body }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
    await s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload }))
  }
  /** Of two ways to end an upload one may be refused: aborted, it is gone; completed, it is an object to be deleted. */
  const end = (target: Awaited<ReturnType<typeof begin>>) =>
    s3.send(new AbortMultipartUploadCommand(target)).catch(() => complete(target))

  yield await attempt('multipart upload: create, put a part, complete', async () => {
    const target = await begin()
    try {
      await complete(target)
    } catch (error) {
      await end(target).catch(() => {})
      throw error
    }
  })
  yield await attempt('list the parts of an upload (s3:ListMultipartUploadParts)', async () => {
    const target = await begin()
    try {
      await s3.send(new UploadPartCommand({ ...target, PartNumber: 1, Body: body }))
      const { Parts } = await s3.send(new ListPartsCommand(target))
      same(Parts?.length, 1)
    } finally {
      await end(target).catch(() => {})
    }
  })
  yield await attempt('abort an upload (s3:AbortMultipartUpload)', async () => {
    const target = await begin()
    try {
      await s3.send(new AbortMultipartUploadCommand(target))
    } catch (error) {
      await end(target).catch(() => {})
      throw error
    }
  })
}

/** The last check: deletes every probe, and verifies with the first one that it is gone. */
export async function deleted({ aws: { s3 }, bucket: Bucket, probes }: Subject): Promise<Finding> {
  const what = 'delete an object (s3:DeleteObject)'
  try {
    let hidden = false
    for (const Key of probes()) {
      const { DeleteMarker } = await s3.send(new DeleteObjectCommand({ Bucket, Key }))
      hidden ||= DeleteMarker === true
    }
    if (hidden) return keepsVersions(what)
    const [Key] = probes()
    const status = await s3.send(new HeadObjectCommand({ Bucket, Key })).then(() => 200, errorStatus)
    if (status !== 200) return ok(what)
    return failed(
      what,
      'the object is still there',
      'Nothing that people delete would go: look at the service.',
    )
  } catch (error) {
    const { detail, remedy } = s3Trouble(error)
    return failed(what, `${detail}; left behind: ${probes().join(', ')}`, remedy)
  }
}

function keepsVersions(what: string): Finding {
  return warned(
    what,
    'the bucket keeps versions: what is deleted is hidden, its bytes stay',
    'Suspend versioning, or add a lifecycle rule that deletes noncurrent versions (NoncurrentVersionExpiration), so that deleted photos go.',
  )
}

/** @throws {NothingWorks} */
async function attempt(what: string, work: () => Promise<void>): Promise<Finding> {
  try {
    await work()
    return ok(what)
  } catch (error) {
    const { detail, remedy } = s3Trouble(error)
    const finding = failed(what, detail, remedy)
    if (isFundamental(error)) throw new NothingWorks(finding)
    return finding
  }
}

function same(actual: unknown, expected: unknown): void {
  if (actual !== expected)
    throw new Error(`answered ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
}
