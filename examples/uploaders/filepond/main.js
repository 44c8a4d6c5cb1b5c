import { create } from 'filepond'
import 'filepond/dist/filepond.min.css'

const status = document.querySelector('[role=status]')
const onerror = (answer) => answer && JSON.parse(answer).detail

create(document.querySelector('input'), {
  server: { url: `${__API__}/filepond`, process: { onerror }, patch: { onerror } },
  chunkUploads: true,
  onprocessfile: (error, file) => {
    status.textContent = error ? `Failed: ${error.body}` : `Done: /api/media/${file.serverId}`
  },
  onprocessfilerevert: () => {
    status.textContent = 'Removed'
  },
})
