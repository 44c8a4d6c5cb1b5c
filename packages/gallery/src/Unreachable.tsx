import { AlertIcon, RetryIcon } from './icons.tsx'

export interface UnreachableProps {
  /** What can't be had. @default The photos */
  what?: string
  message: string
  onRetry: () => void
}

/** Shown when the server can't be reached. */
export function Unreachable({ what = 'The photos', message, onRetry }: UnreachableProps) {
  return (
    <section className="notice" role="alert">
      <AlertIcon />
      <h2>{what} can’t be loaded</h2>
      <p>{message}</p>
      <button type="button" className="button" onClick={onRetry}>
        <RetryIcon /> Try again
      </button>
    </section>
  )
}
