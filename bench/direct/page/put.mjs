import { offer } from './offer.mjs'

offer(async (file) => {
  const response = await fetch('/put-url', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: file.name, type: file.type }),
  })
  const { url } = await response.json()
  const { promise, resolve, reject } = Promise.withResolvers()
  const xhr = new XMLHttpRequest()
  // The page listens to show progress.
  xhr.upload.onprogress = () => {}
  xhr.onerror = () => reject(new Error('The connection was lost.'))
  xhr.onload = () => (xhr.status === 200 ? resolve() : reject(new Error(xhr.responseText)))
  xhr.open('PUT', url)
  xhr.setRequestHeader('Content-Type', file.type)
  xhr.send(file)
  await promise
})
