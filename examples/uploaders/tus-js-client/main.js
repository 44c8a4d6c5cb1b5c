import { Upload } from 'tus-js-client'

const status = document.querySelector('[role=status]')

document.querySelector('input').onchange = async ({ target }) => {
  const [file] = target.files
  const upload = new Upload(file, {
    endpoint: `${__API__}/files`,
    metadata: { filename: file.name, filetype: file.type },
    onProgress: (sent, all) => {
      status.textContent = `${Math.floor((100 * sent) / all)} %`
    },
    onSuccess: ({ lastResponse }) => {
      status.textContent = `Done: ${lastResponse.getHeader('Content-Location')}`
    },
    onError: (error) => {
      status.textContent = `Failed: ${error.message}`
      // While the browser knows that it is offline, the library tries nothing again.
      if (!navigator.onLine) addEventListener('online', () => upload.start(), { once: true })
    },
  })
  // From an earlier visit, or a tab that has crashed.
  const [earlier] = await upload.findPreviousUploads()
  if (earlier) upload.resumeFromPreviousUpload(earlier)
  upload.start()
}
