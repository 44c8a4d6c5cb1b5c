import { AlertIcon, RetryIcon } from './icons.tsx'

/** Shown when the server can't be reached. */
export function Unreachable({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <section className="notice" role="alert">
      <AlertIcon />
      <h2>The photos can’t be loaded</h2>
      <p>{message}</p>
      <button type="button" className="button" onClick={onRetry}>
        <RetryIcon /> Try again
      </button>
    </section>
  )
}
