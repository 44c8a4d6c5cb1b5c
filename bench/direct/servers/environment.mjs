// What each server is told. Browsers reach the S3 over the link, the servers do without.
const { S3_BUCKET, S3_ENDPOINT, S3_PUBLIC_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, DIRECTORY, PAGE } =
  process.env

export const bucket = {
  name: S3_BUCKET,
  endpoint: S3_ENDPOINT,
  publicEndpoint: S3_PUBLIC_ENDPOINT,
  region: 'us-east-1',
  credentials: { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY },
}
/** For what the server keeps. */
export const directory = DIRECTORY
/** Of the pages that it serves. */
export const page = PAGE
