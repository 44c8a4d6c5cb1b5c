import { readSmallBody } from '../body.ts'
import { isAllowed, type Operation, sendXml } from '../context.ts'
import { S3Error } from '../errors.ts'
import { fromXml, toXml } from '../xml.ts'

/** Succeeds whether or not there was an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: Operation = async ({ res, storage, bucket, key }) => {
  await storage.delete(bucket, key)
  res.writeHead(204).end()
}

/** Up to 1,000 keys, each authorised by itself. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: Operation = async (context) => {
  const { req, auth, query, storage, bucket } = context
  const claimsDigest = Object.keys(req.headers).some((name) =>
    /^(content-md5|x-amz-(checksum-|trailer))/.test(name),
  )
  if (!claimsDigest) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 or x-amz-checksum-*',
    )
  }
  const request = fromXml(await readSmallBody(req, query, auth), 'Delete')
  const objects = Array.isArray(request.Object) ? (request.Object as { Key?: unknown }[]) : []
  if (objects.length === 0 || objects.length > 1000 || objects.some((one) => typeof one.Key !== 'string')) {
    throw new S3Error('MalformedXML', 'A Delete names 1 to 1,000 keys')
  }
  const deleted: { Key: string }[] = []
  const failed: { Key: string; Code: string; Message: string }[] = []
  for (const { Key } of objects as { Key: string }[]) {
    if (!isAllowed(context, 'DeleteObject', Key)) {
      failed.push({ Key, Code: 'AccessDenied', Message: 'Access Denied' })
      continue
    }
    await storage.delete(bucket, Key)
    deleted.push({ Key })
  }
  const quiet = request.Quiet === 'true'
  sendXml(context, toXml('DeleteResult', { Deleted: quiet ? [] : deleted, Error: failed }))
}
