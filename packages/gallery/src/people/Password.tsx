import { longestPassword, shortestPassword } from '@tintype/protocol'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api.ts'
import '../styles/panel.css'
import { changePassword } from './account-api.ts'

/** The person who is signed in takes another password. */
export function Password({ name }: { name: string }) {
  const [error, setError] = useState<string | null>(null)
  const [news, setNews] = useState('')
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const form = event.currentTarget
    const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement
    const [current, password] = [field('current'), field('password')]
    setNews('')
    if (password.value !== field('again').value) {
      setError('The two new passwords are not the same. Type them again.')
      password.select()
      return
    }
    setBusy(true)
    setError(null)
    try {
      await changePassword({ current: current.value, password: password.value })
      form.reset()
      setNews('Changed. On your other devices you are signed out.')
    } catch (failure) {
      setError((failure as Error).message)
      if (failure instanceof ApiError && failure.code === 'invalid_parameter') current.select()
      else current.focus()
    }
    setBusy(false)
  }
  const next = {
    ...{ type: 'password', autoComplete: 'new-password', required: true },
    ...{ minLength: shortestPassword, maxLength: longestPassword },
  }
  return (
    <form className="panel-form" onSubmit={submit}>
      <p>It signs you out on your other devices. Passkeys and tokens of programs go on.</p>
      <input type="hidden" name="username" value={name} autoComplete="username" />
      <label>
        The password that you have now
        <input
          name="current"
          type="password"
          autoComplete="current-password"
          required
          aria-describedby="password-error"
        />
      </label>
      <label>
        New password
        <input name="password" {...next} aria-describedby="password-hint password-error" />
        <span id="password-hint" className="soft">
          {shortestPassword} characters or more
        </span>
      </label>
      <label>
        The same again
        <input name="again" {...next} />
      </label>
      <p id="password-error" className="error" role="alert">
        {error}
      </p>
      <div className="actions">
        <button type="submit" className="button primary" aria-disabled={busy}>
          {busy ? 'Changing…' : 'Change it'}
        </button>
      </div>
      <p role="status">{news}</p>
    </form>
  )
}
