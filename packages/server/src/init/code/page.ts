import { type Style, typed } from './style.ts'

/** `public/photos.html`: a form that needs no JavaScript, and what is there, which does. */
export function htmlPage({ mount }: Style): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Photos</title>
</head>
<body>
  <h1>Photos</h1>
  <form action="${mount}/media" method="post" enctype="multipart/form-data">
    <label>Photos and videos <input type="file" name="file" accept="image/*,video/*" multiple required></label>
    <button>Upload</button>
  </form>
  <p id="photos"></p>
  <script type="module">
    const response = await fetch('${mount}/media')
    const { media = [], detail = '' } = await response.json()
    const place = document.querySelector('#photos')
    place.textContent = detail
    for (const { urls, alt, name } of media) {
      const link = document.createElement('a')
      link.href = urls.original
      const picture = new Image()
      picture.alt = alt ?? name
      picture.src = urls.thumb ?? urls.poster ?? ''
      link.append(picture)
      place.append(link)
    }
  </script>
</body>
</html>
`
}

/** A component that uploads and shows what is there. As a page of Next it says that it runs in the browser. */
export function component(style: Style, isPage: boolean): string {
  const media = typed(style, '<Media[]>')
  const imported = typed(style, `import type { Media } from '@tintype/client'\n`)
  return `${isPage ? `'use client'\n\n` : ''}${imported}import { useUploads } from '@tintype/client/react'
import { useEffect, useState } from 'react'

const endpoint = '${style.mount}'

export default function Photos() {
  const [photos, setPhotos] = useState${media}([])
  const [problem, setProblem] = useState('')
  async function load() {
    const response = await fetch(\`\${endpoint}/media\`)
    const { media = [], detail = '' } = await response.json()
    setPhotos(media)
    setProblem(detail)
  }
  const { items, add } = useUploads({ endpoint, onMedia: load })
  useEffect(() => {
    load()
  }, [])

  return (
    <main>
      <h1>Photos</h1>
      <label>
        Photos and videos{' '}
        <input
          type="file"
          accept="image/*,video/*"
          multiple
          onChange={({ target }) => target.files && add(target.files)}
        />
      </label>
      <ul>
        {items.map(({ id, name, state, error }) => (
          <li key={id}>
            {name}: {error?.message ?? state}
          </li>
        ))}
      </ul>
      <p role="alert">{problem}</p>
      {photos.map(({ id, urls, alt, name }) => (
        <a key={id} href={urls.original}>
          <img src={urls.thumb ?? urls.poster} alt={alt ?? name} />
        </a>
      ))}
    </main>
  )
}
`
}
