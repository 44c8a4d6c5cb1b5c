import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

const status = document.querySelector('[role=status]')
const uppy = new Uppy({ autoProceed: true })

uppy.use(Tus, { endpoint: `${__API__}/files` })
uppy.on('upload-success', (_file, { body }) => {
  status.textContent = `Done: ${body.xhr.getResponseHeader('Content-Location')}`
})
uppy.on('upload-error', (_file, error) => {
  status.textContent = `Failed: ${error.message}`
})

document.querySelector('input').onchange = ({ target }) => {
  for (const data of target.files) uppy.addFile({ name: data.name, type: data.type, data })
}
