import type { Uploads } from '@tintype/client'
import { count } from '../format.ts'
import { UploadRow } from './UploadRow.tsx'

/** What is on its way and what went wrong; hidden when there is neither. */
export function UploadPanel({ uploads }: { uploads: Uploads }) {
  const { items, retry, remove } = uploads
  const shown = items.filter(({ state }) => state !== 'done' && state !== 'cancelled')
  if (shown.length === 0) return null
  const busy = shown.filter(({ state }) => state !== 'failed')
  const failed = shown.filter(({ state }) => state === 'failed')
  const retryable = failed.filter(({ error }) => error?.retryable)

  return (
    <section className="upload-panel" aria-labelledby="upload-title">
      <header>
        <h2 id="upload-title">
          {busy.length > 0 ? `Uploading ${count(busy.length, 'file')}` : failedTitle(failed.length)}
        </h2>
        {busy.length === 0 && retryable.length > 1 && (
          <button type="button" className="button quiet" onClick={() => retryable.map(({ id }) => retry(id))}>
            Retry all
          </button>
        )}
        {busy.length === 0 && failed.length > 1 && (
          <button type="button" className="button quiet" onClick={() => failed.map(({ id }) => remove(id))}>
            Dismiss all
          </button>
        )}
      </header>
      <ul>
        {[...failed, ...busy].slice(0, mostRows).map((item) => (
          <UploadRow key={item.id} item={item} onRetry={retry} onRemove={remove} />
        ))}
      </ul>
      {shown.length > mostRows && (
        <p className="upload-more">and {count(shown.length - mostRows, 'more file')}</p>
      )}
    </section>
  )
}

/** Nobody reads 500 rows, and they would be drawn again with every bit of progress. */
const mostRows = 50

const failedTitle = (n: number) => `${count(n, 'file')} failed`
