import { type FormEvent, useLayoutEffect, useRef, useState } from 'react'
import { ApiError, type Credentials, type SignInWay } from './api.ts'
import { count } from './format.ts'
import { PictureIcon } from './icons.tsx'
import { readSharedNote } from './upload/shared-files.ts'

export interface SignInProps {
  /** By what one can sign in here, the usual one first. */
  ways: readonly SignInWay[]
  /** Number of uploads that continue after signing in. */
  waiting: number
  /** Rejects with a sentence for people. */
  onSignIn: (credentials: Credentials) => Promise<void>
  /** By a device of theirs; null where there is none, or it can't be used here. Rejects with a sentence for people. */
  onPasskey: (() => Promise<void>) | null
}

export function SignIn({ ways, waiting, onSignIn, onPasskey }: SignInProps) {
  const [chosen, setChosen] = useState<SignInWay | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  const way = chosen ?? ways[0] ?? 'token'
  const other = ways.find((one) => one !== way)
  const form = useRef<HTMLFormElement>(null)
  // Browsers heed `autofocus` once a page: here a form comes when somebody has signed out, or takes the other way.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another way has other fields
  useLayoutEffect(() => form.current?.querySelector('input')?.focus(), [way])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const { elements } = event.currentTarget
    const field = (name: string) => elements.namedItem(name) as HTMLInputElement
    const secret = field(way)
    setBusy(true)
    setError(null)
    try {
      await onSignIn(
        way === 'token' ? { token: secret.value } : { name: field('name').value, password: secret.value },
      )
    } catch (failure) {
      setBusy(false)
      setError(failure as Error)
      // What the server had no time to look at is sent again as it is.
      if (isWrong(failure)) secret.select()
      else secret.focus()
    }
  }
  const byPasskey = (does: () => Promise<void>) => {
    setError(null)
    does().catch(setError)
  }

  return (
    <form ref={form} className="sign-in" onSubmit={submit}>
      <PictureIcon />
      <h1>Tintype</h1>
      <p>
        {way === 'token'
          ? 'These photos are private. The access token opens them.'
          : 'These photos are private. Sign in to see yours.'}
      </p>
      {readSharedNote()?.signIn && <p role="status">Sign in, then share it again: nothing was added yet.</p>}
      {waiting > 0 && <p role="status">{count(waiting, 'upload')} will go on when you have signed in.</p>}
      {way === 'password' && (
        <>
          <label htmlFor="name">Name</label>
          <input
            id="name"
            name="name"
            autoComplete="username"
            autoCapitalize="words"
            spellCheck={false}
            maxLength={100}
            required
            aria-invalid={isWrong(error)}
            aria-describedby="sign-in-error"
          />
        </>
      )}
      <label htmlFor={way}>{way === 'token' ? 'Access token' : 'Password'}</label>
      <input
        key={way}
        id={way}
        name={way}
        type="password"
        autoComplete="current-password"
        required
        aria-invalid={isWrong(error)}
        aria-describedby="sign-in-error"
      />
      <p id="sign-in-error" className="error" role="alert">
        {error?.message}
      </p>
      <button type="submit" className="button primary" aria-disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
      {onPasskey && (
        <button type="button" className="button" onClick={() => byPasskey(onPasskey)}>
          Sign in with a passkey
        </button>
      )}
      {other && (
        <button type="button" className="button quiet" onClick={() => setChosen(other)}>
          {other === 'token' ? 'Use the access token instead' : 'Use name and password instead'}
        </button>
      )}
    </form>
  )
}

/** Whether the server has looked at what was typed, and it was not right. */
const isWrong = (error: unknown) => error instanceof ApiError && error.code === 'unauthenticated'
