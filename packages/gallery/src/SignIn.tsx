import { type FormEvent, useState } from 'react'
import { count } from './format.ts'
import { PictureIcon } from './icons.tsx'

export interface SignInProps {
  /** Number of uploads that continue after signing in. */
  waiting: number
  /** Rejects with a sentence for people. */
  onSignIn: (token: string) => Promise<void>
}

export function SignIn({ waiting, onSignIn }: SignInProps) {
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const field = event.currentTarget.elements.namedItem('token') as HTMLInputElement
    setBusy(true)
    setError(null)
    try {
      await onSignIn(field.value)
    } catch (failure) {
      setBusy(false)
      setError((failure as Error).message)
      field.select()
    }
  }

  return (
    <form className="sign-in" onSubmit={submit}>
      <PictureIcon />
      <h1>Tintype</h1>
      <p>These photos are private. The access token opens them.</p>
      {waiting > 0 && <p role="status">{count(waiting, 'upload')} will go on when you have signed in.</p>}
      <label htmlFor="token">Access token</label>
      <input
        id="token"
        name="token"
        type="password"
        autoComplete="current-password"
        required
        // biome-ignore lint/a11y/noAutofocus: the only field of a screen that asks for it
        autoFocus
        aria-invalid={error !== null}
        aria-describedby="sign-in-error"
      />
      <p id="sign-in-error" className="error" role="alert">
        {error}
      </p>
      <button type="submit" className="button primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}
