import { useUploads } from '@tintype/client/react'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { useDropzone } from 'react-dropzone'

const status = document.querySelector('[role=status]')

function Uploads() {
  const { add, items } = useUploads({ endpoint: __API__ })
  const { getRootProps, getInputProps } = useDropzone({
    onDrop: add,
    accept: { 'image/*': [], 'video/*': [] },
  })
  for (const { state, media, error } of items) {
    if (state === 'done') status.textContent = `Done: /api/media/${media.id}`
    if (state === 'failed') status.textContent = `Failed: ${error.message}`
  }
  return createElement(
    'div',
    getRootProps({ className: 'dropzone' }),
    createElement('input', getInputProps({ 'aria-label': 'Photo or video' })),
    'Drop photos and videos here, or press to choose.',
  )
}

createRoot(document.querySelector('main')).render(createElement(Uploads))
