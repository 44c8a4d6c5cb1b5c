/** Our library as an app opens it, for the doors beside this file: bucket and folder are those of the bench. */
import { createTintype } from '../../packages/tintype/src/index.ts'

/**
 * @param {Partial<import('../../packages/tintype/src/index.ts').TintypeOptions>} [options] beside those of the bench
 * @returns {Promise<import('../../packages/tintype/src/index.ts').Tintype>} ended, with the process, by SIGTERM
 */
export async function openTintype(options = {}) {
  const { AWS_REGION: region, S3_BUCKET: name, S3_ENDPOINT: endpoint } = process.env
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  const tintype = await createTintype({
    ...options,
    authenticate: async () => 'owner',
    directory: process.env.TINTYPE_DATA,
    // The one variant that peers make, too.
    variants: { thumb: { width: 320 } },
    bucket: { name, endpoint, region, credentials: { accessKeyId, secretAccessKey } },
  })
  process.once('SIGTERM', async () => {
    await tintype.close()
    process.exit()
  })
  return tintype
}
