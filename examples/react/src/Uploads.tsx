import type { UploadItem } from '@tintype/client'
import { useUploads } from '@tintype/client/react'

/** A button to choose files, and what is on its way. What a reload interrupted is there again. */
export function Uploads() {
  const { items, add, pause, resume, retry, cancel, remove } = useUploads({ endpoint: '/api' })
  const actionsOf = ({ id, state, canPause }: UploadItem) => {
    if (state === 'paused') return [action('Go on', () => resume(id)), action('Cancel', () => cancel(id))]
    if (state === 'failed') return [action('Try again', () => retry(id)), action('Remove', () => remove(id))]
    const pausing = state === 'uploading' && canPause ? [action('Pause', () => pause(id))] : []
    return [...pausing, action('Cancel', () => cancel(id))]
  }
  return (
    <>
      <label>
        Add photos{' '}
        <input
          type="file"
          accept="image/*,video/*"
          multiple
          onChange={({ target }) => {
            add(target.files ?? [])
            target.value = '' // the same file may be chosen again
          }}
        />
      </label>
      <ul aria-label="Uploads">
        {items
          .filter(({ state }) => state !== 'done' && state !== 'cancelled')
          .map((item) => (
            <li key={item.id}>
              {item.name}
              <progress value={item.sent} max={item.size} aria-label={`Progress of ${item.name}`} />
              {actionsOf(item)}
              {item.error && <p role="alert">{item.error.message}</p>}
            </li>
          ))}
      </ul>
    </>
  )
}

function action(text: string, act: () => unknown) {
  return (
    <button key={text} type="button" onClick={() => void act()}>
      {text}
    </button>
  )
}
