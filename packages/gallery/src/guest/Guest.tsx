import { type ComponentType, useEffect, useState } from 'react'
import { keepFocus } from '../focus.ts'
import { AlertIcon, PictureIcon } from '../icons.tsx'
import { Unreachable } from '../Unreachable.tsx'
import { type GuestPageProps, useSharedAlbum } from './useSharedAlbum.ts'
import { howToOpen } from './words.ts'

/** Each is loaded when it is known which one it is. */
const pages = {
  view: async () => (await import('./GuestView.tsx')).GuestView,
  drop: async () => (await import('./GuestDrop.tsx')).GuestDrop,
}

/** The page of those who were sent a link and have no account: they see an album, or send into it. */
export function Guest() {
  useEffect(keepFocus, [])
  const { shared, check } = useSharedAlbum()
  const kind = shared.state === 'open' ? shared.album.kind : null
  const [page, setPage] = useState<{ Page: ComponentType<GuestPageProps> } | null>(null)
  const [isLost, setLost] = useState(false)
  useEffect(() => {
    if (kind === null) return
    setLost(false)
    pages[kind]().then(
      (Page) => setPage({ Page }),
      () => setLost(true),
    )
  }, [kind])
  const name = shared.state === 'open' ? shared.album.name : 'A shared album'
  useEffect(() => {
    document.title = name
  }, [name])

  if (shared.state === 'unreachable' || isLost)
    return (
      <main className="screen">
        <Unreachable
          message={shared.state === 'unreachable' ? shared.message : 'The server can’t be reached.'}
          onRetry={isLost ? () => location.reload() : check}
        />
      </main>
    )
  if (shared.state === 'ended')
    return (
      <Over
        title="This link has ended"
        text="It has expired, or the person who sent it has ended it. Ask them for another one."
      />
    )
  if (shared.state === 'closed')
    return <Over title="Open the link again" text={howToOpen(navigator.cookieEnabled)} />
  if (shared.state === 'loading' || !page)
    return (
      <main className="screen" aria-busy="true">
        <PictureIcon />
        <p role="status">Opening…</p>
      </main>
    )
  return <page.Page album={shared.album} check={check} />
}

function Over({ title, text }: { title: string; text: string }) {
  return (
    <main className="screen">
      <section className="notice" role="alert">
        <AlertIcon />
        <h1>{title}</h1>
        <p>{text}</p>
      </section>
    </main>
  )
}
