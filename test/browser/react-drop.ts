/** A page of React with the elements: what is bad is refused by the page itself. */
import { type AddedFile, createUploads } from '@tintype/client'
import { Drop, UploadList } from '@tintype/client/react-element'
import { createElement, useState } from 'react'
import { createRoot } from 'react-dom/client'

const uploads = createUploads({ endpoint: '/api' })

function Page() {
  const [refused, setRefused] = useState('')
  const [count, setCount] = useState(0)
  const onFiles = (files: AddedFile[], event: Event) => {
    const [first] = files
    if (!(first instanceof File) || !first.name.startsWith('bad')) return
    event.preventDefault()
    setRefused(`${first.name} is refused here`)
  }
  return createElement(
    'main',
    null,
    createElement(
      Drop,
      { uploads, texts: { choose: 'Pick photos' }, wholePage: true, paste: true, onFiles },
      createElement('i', null, 'or anywhere'),
    ),
    createElement(UploadList, {
      uploads,
      ...(count > 0 ? { looking: { count, cancel: () => setCount(0) } } : {}),
    }),
    createElement('button', { type: 'button', onClick: () => setCount(2) }, 'Look'),
    createElement('p', null, refused),
  )
}

createRoot(document.body.appendChild(document.createElement('div'))).render(createElement(Page))
