import type { Album, MadeShareLink, ShareLink } from '@tintype/protocol'
import { useEffect, useState } from 'react'
import { useNews } from '../news.ts'
import { Panel } from '../Panel.tsx'
import '../styles/panel.css'
import '../styles/share.css'
import { LinkRow } from './LinkRow.tsx'
import { listLinks } from './links.ts'
import { MadeLink } from './MadeLink.tsx'
import { NewLink } from './NewLink.tsx'

export interface ShareDialogProps {
  album: Album
  onClose: () => void
}

/** The links by which others see an album or send into it: a new one, and those that were made. */
export function ShareDialog({ album: { id, name }, onClose }: ShareDialogProps) {
  const [links, setLinks] = useState<readonly ShareLink[]>([])
  const [made, setMade] = useState<MadeShareLink | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    listLinks(id).then(setLinks, (failure: Error) => setError(failure.message))
  }, [id])
  useNews(id, () => listLinks(id).then(setLinks, () => {}))

  const title = (
    <>
      Share <bdi>{name}</bdi>
    </>
  )
  return (
    <Panel title={title} onClose={onClose}>
      {made ? (
        <MadeLink made={made} albumName={name} onDone={onClose} />
      ) : (
        <NewLink
          album={id}
          onMade={(now) => {
            setMade(now)
            setLinks((before) => [now.link, ...before])
          }}
        />
      )}
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {!made && links.length > 0 && (
        <section className="panel-list" aria-labelledby="links-title">
          <h3 id="links-title">Links to this album</h3>
          <ul>
            {links.map((link) => (
              <LinkRow
                key={link.id}
                album={id}
                link={link}
                onChanged={(changed) =>
                  setLinks((before) => before.map((one) => (one.id === changed.id ? changed : one)))
                }
                onRevoked={(gone) => setLinks((before) => before.filter((one) => one.id !== gone))}
              />
            ))}
          </ul>
        </section>
      )}
    </Panel>
  )
}
