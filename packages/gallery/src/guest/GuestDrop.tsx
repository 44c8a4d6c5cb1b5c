import { createUploads } from '@tintype/client'
import { keepAwake } from '@tintype/client/awake'
import type { TintypeDrop } from '@tintype/client/element/drop'
import { useUploads } from '@tintype/client/react'
import type { Media } from '@tintype/protocol'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { askToSignIn, endpoint, library } from '../api.ts'
import { AddIcon, CheckIcon } from '../icons.tsx'
import '../styles/upload.css'
import { Camera } from '../upload/Camera.tsx'
import { FilePicker } from '../upload/FilePicker.tsx'
import { isBusy } from '../upload/states.ts'
import { Tray } from '../upload/Tray.tsx'
import { useLeaveQuestion } from '../upload/useLeaveQuestion.ts'
import { Sent } from './Sent.tsx'
import type { GuestPageProps } from './useSharedAlbum.ts'
import { invitationOf, isFull } from './words.ts'

/**
 * One for the page, however often its parts are drawn. Nothing is kept in the browser for the next visit: the phone may be
 * somebody else's, and its owner may have a gallery at the same address.
 */
const queue = createUploads({ endpoint, signIn: askToSignIn })

/** An album into which others send: what they choose, how far it is, and what they have sent. */
export function GuestDrop({ album, check }: GuestPageProps) {
  const { items, add, remove } = useUploads(queue)
  const [sent, setSent] = useState<readonly Media[]>([])
  const picker = useRef<TintypeDrop>(null)
  useEffect(() => keepAwake(queue), [])

  useEffect(() => {
    library.list({ limit: 200 }).then(
      ({ media }) => setSent((before) => withNew(media, before)),
      // The page is of use without the list, and what is wrong is told when something is sent.
      () => {},
    )
  }, [])
  // Before anything is painted: the tray would show for a moment what is done.
  useLayoutEffect(() => {
    const done = items.flatMap(({ id, media }) => (media ? [{ id, media }] : []))
    if (done.length === 0) return
    for (const { id } of done) remove(id)
    setSent((before) =>
      withNew(
        before,
        done.map(({ media }) => media),
      ),
    )
    check()
  }, [items, remove, check])
  const failed = items.filter(({ state }) => state === 'failed').length
  // The link may be full, or have ended.
  useEffect(() => {
    if (failed > 0) check()
  }, [failed, check])

  const busy = items.some(isBusy)
  useLeaveQuestion(busy)

  const full = isFull(album)
  return (
    <>
      <main className="guest-drop">
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
        <p>{invitationOf(album, Date.now())}</p>
        {/* What is dropped is taken, and refused, also where there is no room for it: a browser would leave the page for it. */}
        <div className="guest-ways" hidden={full}>
          <FilePicker
            ref={picker}
            className="primary"
            label="Choose photos and videos"
            isForPage
            onFiles={add}
          >
            <AddIcon /> Choose photos and videos
          </FilePicker>
          <Camera onFiles={add} />
        </div>
        {sent.length > 0 && (
          <p className="guest-thanks">
            <CheckIcon />{' '}
            {busy
              ? 'What is listed here is in the album. Keep this page open until the rest is.'
              : 'Thank you. What you have sent is in the album.'}
          </p>
        )}
        <Sent
          media={sent}
          fallback={picker}
          onGone={(id) => setSent((before) => before.filter((one) => one.id !== id))}
        />
        <p className="soft">You need no account. You see only what you have sent yourself.</p>
      </main>
      <Tray queue={queue} />
    </>
  )
}

/** The last first, each once. */
function withNew(before: readonly Media[], more: readonly Media[]): readonly Media[] {
  const ids = new Set(more.map(({ id }) => id))
  return [...[...more].reverse(), ...before.filter(({ id }) => !ids.has(id))]
}
