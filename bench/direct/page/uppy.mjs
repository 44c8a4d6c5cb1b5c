import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { offer } from './offer.mjs'

const uppy = new Uppy().use(AwsS3, { companionEndpoint: `${location.origin}/companion` })

offer(async (file, again) => {
  if (!again) uppy.addFile({ name: file.name, type: file.type, data: file })
  const { failed } = await (again ? uppy.retryAll() : uppy.upload())
  if (failed.length > 0) throw new Error(failed[0].error)
})
