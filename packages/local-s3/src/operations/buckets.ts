/** Create, head, list, delete and locate buckets. */
import { readExpected } from '../body/digests.ts'
import { readText } from '../body/read-xml.ts'
import { S3Error } from '../errors.ts'
import { sendEmpty, sendXml } from '../http/respond.ts'
import type { Element } from '../xml/build.ts'
import { parseXml, text } from '../xml/parse.ts'
import { type Call, readInteger } from './call.ts'
import { ownerElement } from './owner.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export async function createBucket({ request, response, store, body, region }: Call): Promise<void> {
  const { bucket, headers } = request
  const xml = await readText(body, readExpected(headers, body.payload))
  const location =
    xml === '' ? undefined : text(parseXml(xml, 'CreateBucketConfiguration'), 'LocationConstraint')
  if (location !== undefined && location !== '' && location !== region) {
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    )
  }
  // In us-east-1 alone, creating one's own bucket again succeeds.
  if (!store.buckets.create(bucket) && region !== 'us-east-1') {
    throw new S3Error('BucketAlreadyOwnedByYou', undefined, { details: { BucketName: bucket } })
  }
  sendEmpty(response, 200, { location: `/${bucket}` })
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export function headBucket({ request, response, store, region }: Call): void {
  store.buckets.demand(request.bucket)
  sendEmpty(response, 200, { 'x-amz-bucket-region': region, 'x-amz-access-point-alias': 'false' })
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export async function deleteBucket({ request, response, store }: Call): Promise<void> {
  await store.blobs.remove(store.buckets.delete(request.bucket))
  sendEmpty(response, 204)
}

/** us-east-1 has an empty location. */
export function getBucketLocation({ request, response, store, region }: Call): void {
  store.buckets.demand(request.bucket)
  sendXml(response, ['LocationConstraint', region === 'us-east-1' ? '' : region])
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function listBuckets({ request: { query }, response, store, region }: Call): void {
  const max = readInteger(query, 'max-buckets', { min: 1, max: 10_000, otherwise: 10_000 })
  const prefix = query.get('prefix') ?? ''
  const page = store.buckets.list(prefix, query.get('continuation-token') ?? '', max + 1)
  const shown = page.slice(0, max)
  sendXml(response, [
    'ListAllMyBucketsResult',
    [
      ownerElement,
      [
        'Buckets',
        shown.map(
          ({ name, created }): Element => [
            'Bucket',
            [
              ['Name', name],
              ['CreationDate', new Date(created).toISOString()],
              ['BucketRegion', region],
            ],
          ],
        ),
      ],
      ['ContinuationToken', page.length > max ? shown.at(-1)?.name : undefined],
      ['Prefix', query.get('prefix')],
    ],
  ])
}
