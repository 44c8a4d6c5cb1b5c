import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { directUploads } from './direct-uploads.js'

const status = document.querySelector('[role=status]')
const uppy = new Uppy({ autoProceed: true })

uppy.use(AwsS3, directUploads(uppy, __API__))
uppy.on('complete', ({ successful: [file] }) => {
  if (file) status.textContent = `Done: /api/media/${file.meta.media.id}`
})
uppy.on('upload-error', (_file, error) => {
  status.textContent = `Failed: ${error.message}`
  // Uppy tries no request again that breaks while the browser is offline. What has come is not sent a second time.
  if (!navigator.onLine) addEventListener('online', () => uppy.retryAll(), { once: true })
})

document.querySelector('input').onchange = ({ target }) => {
  for (const data of target.files) uppy.addFile({ name: data.name, type: data.type, data })
}
