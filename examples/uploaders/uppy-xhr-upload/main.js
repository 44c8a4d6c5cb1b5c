import Uppy from '@uppy/core'
import XHRUpload from '@uppy/xhr-upload'

const status = document.querySelector('[role=status]')
const asBody = document.querySelector('[type=checkbox]')

const form = { endpoint: `${__API__}/media`, fieldName: 'file', allowedMetaFields: ['caption'] }
const body = {
  method: 'PUT',
  formData: false,
  endpoint: (file) => `${__API__}/media/${encodeURIComponent(file.name)}`,
}

document.querySelector('[type=file]').onchange = ({ target }) => {
  const uppy = new Uppy({ autoProceed: true }).use(XHRUpload, asBody.checked ? body : form)
  uppy.on('upload-success', (_file, { body }) => {
    status.textContent = `Done: /api/media/${body.media[0].id}`
  })
  uppy.on('upload-error', (_file, error, xhr) => {
    status.textContent = `Failed: ${xhr?.status ? JSON.parse(xhr.responseText).detail : error.message}`
  })
  for (const data of target.files) uppy.addFile({ name: data.name, type: data.type, data })
}
