import { demandDigest, readExpected } from '../body/digests.ts'
import { readXml } from '../body/read-xml.ts'
import { S3Error } from '../errors.ts'
import { writeCondition } from '../http/preconditions.ts'
import { sendXml } from '../http/respond.ts'
import type { Element } from '../xml/build.ts'
import { children, text, type XmlElement } from '../xml/parse.ts'
import { type Call, refuseVersions } from './call.ts'

const maxKeys = 1000

/**
 * Up to 1,000 keys, authorised one by one, deleted in one transaction.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export async function deleteObjects(call: Call): Promise<void> {
  const { request, response, store, authorizer, body } = call
  const { bucket, headers } = request
  const expected = readExpected(headers, body.payload)
  demandDigest(expected)
  const xml = await readXml(body, expected, 'Delete')
  const wanted = children(xml, 'Object')
  if (wanted.length === 0 || wanted.length > maxKeys) throw new S3Error('MalformedXML')
  store.buckets.demand(bucket)

  const refusals = new Map<string, unknown>()
  const targets = wanted.map(readTarget).filter(({ key, versionId }) => {
    try {
      authorizer.demand(versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion', bucket, key)
      refuseVersions(versionId)
      return true
    } catch (error) {
      refusals.set(key, error)
      return false
    }
  })
  const { freed, refused } = store.objects.delete(bucket, targets)
  for (const [key, error] of refused) refusals.set(key, error)

  const quiet = text(xml, 'Quiet') === 'true'
  const deleted = targets.filter(({ key }) => !quiet && !refusals.has(key))
  sendXml(response, [
    'DeleteResult',
    [
      ...deleted.map(
        ({ key, versionId }): Element => [
          'Deleted',
          [
            ['Key', key],
            ['VersionId', versionId],
          ],
        ],
      ),
      ...[...refusals].map(([key, error]): Element => ['Error', describe(key, error)]),
    ],
  ])
  await store.blobs.remove(freed)
}

function readTarget(object: XmlElement) {
  const key = text(object, 'Key')
  if (key === undefined) throw new S3Error('MalformedXML')
  const etag = text(object, 'ETag')
  const headers = new Map(etag === undefined ? [] : [['if-match', etag] as const])
  return {
    key,
    versionId: text(object, 'VersionId'),
    condition: writeCondition(headers, () => new S3Error('NoSuchKey')),
  }
}

function describe(key: string, error: unknown): Element[] {
  if (!(error instanceof S3Error)) throw error
  return [
    ['Key', key],
    ['Code', error.code],
    ['Message', error.message],
  ]
}
