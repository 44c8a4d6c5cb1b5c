import { createUploads } from '@tintype/client'
import { keepAwake } from '@tintype/client/awake'
import { useUploads } from '@tintype/client/react'
import { useEffect, useRef, useState } from 'react'
import { askToSignIn, type Credentials, endpoint, noneWhileSignInIsDue, signIn as signInAt } from './api.ts'
import { Cover } from './Cover.tsx'
import { keepFocus } from './focus.ts'
import { Gallery } from './Gallery.tsx'
import { home } from './home.ts'
import { Later } from './Later.tsx'
import { load } from './load.ts'
import { whyNoPasskeys } from './people/passkey-support.ts'
import { isFor } from './person.ts'
import { useRouter } from './routing.ts'
import { Unreachable } from './Unreachable.tsx'
import { isBusy } from './upload/states.ts'
import { useBadge } from './upload/useBadge.ts'
import { useLeaveQuestion } from './upload/useLeaveQuestion.ts'
import { useSession } from './useSession.ts'

/** One for the page, however often its parts are drawn. */
const queue = createUploads({ endpoint, signIn: askToSignIn, headers: noneWhileSignInIsDue })

const loadSignIn = () => import('./SignIn.tsx')

let isKeeping = false

function keepOnce(owner: string): void {
  if (isKeeping) return
  isKeeping = true
  import('@tintype/client/keep').then(
    ({ keepFiles }) => keepFiles(queue, { owner }),
    () => {
      isKeeping = false
    },
  )
}

/** Decides which screen is shown. Holds the uploads, so that they outlive a session that ends midway. */
export function App() {
  const session = useSession()
  const uploads = useUploads(queue)
  const router = useRouter(home)
  const { state } = session

  useEffect(() => keepAwake(queue), [])
  useEffect(keepFocus, [])
  useEffect(() => {
    import('./zip/archives.ts').then(({ removeOldArchives }) => removeOldArchives()).catch(() => {})
  }, [])
  useBadge(uploads.items)
  const isOpen = state === 'open'
  useEffect(() => {
    // In advance: when a session ends, the server may be a newer one, which does not have this file any more.
    if (isOpen) loadSignIn().catch(() => {})
  }, [isOpen])
  const owner = session.name ?? ''
  useEffect(() => {
    // Not before it is known whose they are.
    if (isOpen && isFor(owner)) keepOnce(owner)
  }, [isOpen, owner])

  const hasVideo = uploads.items.some(({ file }) => file?.type.startsWith('video/'))
  const sendsPosters = useRef(false)
  useEffect(() => {
    if (!hasVideo || sendsPosters.current) return
    sendsPosters.current = true
    void import('@tintype/client/posters').then(({ sendPosters }) => sendPosters(queue, { endpoint }))
  }, [hasVideo])

  const [looking, setLooking] = useState(0)
  const waiting = looking + uploads.items.filter(isBusy).length
  useLeaveQuestion(waiting > 0)

  const signIn = async (credentials: Credentials) => {
    await signInAt(credentials)
    // Asks the server: a browser that stores no cookies stays on this screen.
    session.check()
  }

  const signInByDevice = async () => {
    const { signInByPasskey } = await load(import('./people/passkeys.ts'))
    await signInByPasskey()
    session.check()
  }

  const wasOpen = useRef(false)
  if (isOpen) wasOpen.current = true
  else if (state === 'signed-out') wasOpen.current = false
  const unreachable = <Unreachable message="The server can’t be reached." onRetry={session.check} />
  // Once there is something in it, the gallery stays below.
  if (state === 'unreachable' && !wasOpen.current) return <main className="screen">{unreachable}</main>
  const form = (
    <Later part={loadSignIn} what="The form to sign in">
      {({ SignIn }) => (
        <SignIn
          ways={session.ways}
          waiting={waiting}
          onSignIn={signIn}
          onPasskey={session.hasPasskeys && whyNoPasskeys() === null ? signInByDevice : null}
        />
      )}
    </Later>
  )
  if (state === 'signed-out') return <main className="screen">{form}</main>
  return (
    <>
      <Gallery
        uploads={uploads}
        queue={queue}
        onLooking={setLooking}
        router={router}
        // Also drawn before the server has answered: most visitors are signed in.
        isOpen={isOpen}
        name={session.name}
        hasAlbums={session.hasAlbums}
        view={session.view}
        onSignOut={session.canSignOut ? session.signOut : null}
      />
      {state === 'ended' && <Cover label="Sign in">{form}</Cover>}
      {state === 'unreachable' && <Cover label="The server can’t be reached">{unreachable}</Cover>}
    </>
  )
}
