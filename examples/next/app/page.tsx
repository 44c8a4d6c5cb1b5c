'use client'

import { type FormEvent, useCallback, useEffect, useState } from 'react'
import type { Media, MediaPage, Problem } from 'tintype'

/** The token goes in a header, which forms alone can't send. */
export default function Page() {
  const [token, setToken] = useState('of-ann')
  const [photos, setPhotos] = useState<Media[]>([])
  const [problem, setProblem] = useState('')

  const ask = useCallback(
    (init?: RequestInit) => fetch('/api/media', { ...init, headers: { Authorization: `Bearer ${token}` } }),
    [token],
  )
  const show = useCallback(async () => {
    const answer = await ask()
    setPhotos(answer.ok ? ((await answer.json()) as MediaPage).media : [])
  }, [ask])
  useEffect(() => void show(), [show])

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const answer = await ask({ method: 'POST', body: new FormData(event.currentTarget) })
    setProblem(answer.ok ? '' : (((await answer.json()) as Problem).detail ?? ''))
    await show()
  }

  return (
    <main>
      <h1>Photos</h1>
      <form onSubmit={send}>
        <p>
          <label>
            Token <input value={token} onChange={(event) => setToken(event.target.value)} />
          </label>
        </p>
        <p>
          <label>
            Photos <input name="file" type="file" accept="image/*" multiple required />
          </label>
        </p>
        <button type="submit">Upload</button> <output>{problem}</output>
      </form>
      {photos.map(({ id, urls, name }) => (
        <figure key={id} style={{ display: 'inline-block', width: '10rem', margin: '1rem 1rem 0 0' }}>
          <img src={urls.thumb ?? ''} alt="" style={{ width: '100%', display: 'block' }} />
          {name}
        </figure>
      ))}
    </main>
  )
}
